/** Ends a `switch` over a union: a new case does not compile until it has a branch. */
export function assertNever(value: never, what: string): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`);
}
