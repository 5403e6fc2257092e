import { nearNames } from './near-names.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A mapping that takes no other keys than these. Helm's own words for an unknown key are "additional properties not allowed".
 * Where the key is a slip of a known one, or known at another place, the schema asks for a value that nobody writes: a sentence
 * that says what may have been meant, and Helm prints it.
 * @param mapping.path where the mapping is in the values
 * @param mapping.elsewhere names that are not known here, with what to say of them
 */
export function closed(mapping: {
  readonly path: readonly string[];
  readonly properties: ReadonlyMap<string, JsonSchema>;
  readonly elsewhere?: ReadonlyMap<string, string>;
}): JsonSchema {
  const { path, properties, elsewhere = new Map<string, string>() } = mapping;
  const names = [...properties.keys()];
  const slips = names.map((name) => [nearNames(name), didYouMean([...path, name])] as const);
  const strangers = [...elsewhere].map(([name, words]) => [`^${name}$`, words] as const);
  // A known name may be one slip away from another one.
  const refused = [...slips, ...strangers].filter(([pattern]) => {
    const expression = new RegExp(pattern, 'u');
    return !names.some((name) => expression.test(name));
  });
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties),
    patternProperties: Object.fromEntries(refused.map(([pattern, words]) => [pattern, { const: words }])),
  };
}

export const didYouMean = (path: readonly string[]): string =>
  `no value of this chart has this name: did you mean ${path.join('.')}?`;
