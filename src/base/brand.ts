declare const brand: unique symbol;

/** A `T` that cannot be mixed up with another `T`. Made by parsers and by the functions beside each brand only. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
