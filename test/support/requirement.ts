/**
 * Whether tests must be skipped because something outside this project is missing. Says so on standard output, in a line that
 * also says how to get it: a skip that nobody sees is a test that nobody has.
 * @param name what is missing, such as `helm`; named in FLEXMETAL_REQUIRE (words with commas), its absence is a failure
 * @throws Error when it is missing and required
 */
export function skipsWithout(name: string, found: boolean, howToGetIt: string): boolean {
  if (found) return false;
  const required = (process.env['FLEXMETAL_REQUIRE'] ?? '').split(',').map((word) => word.trim());
  if (required.includes(name)) throw new Error(`${name} is missing and FLEXMETAL_REQUIRE names it. ${howToGetIt}`);
  process.stdout.write(`SKIPPED without ${name}. ${howToGetIt}\n`);
  return true;
}
