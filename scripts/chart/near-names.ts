/**
 * A regular expression, for Go and for JavaScript, that matches what is one slip away from a name: a letter left out, put in,
 * changed, or two swapped, and the name in other spellings (`pull-policy`, `pull_policy`, `PullPolicy`, `pullpolicy`). It does
 * not match the name itself. Go has no look-ahead, so that is built in: at the letter where the slip is, the right one is left out.
 */
export function nearNames(name: string): string {
  const spellings = [...new Set([lower(name), upperFirst(name), joined(name, '-'), joined(name, '_')])];
  const others = spellings.filter((spelling) => spelling !== name).map(literal);
  return `^(?:${[slip(name), ...others].join('|')})$`;
}

/** One slip somewhere in the rest of a name: at its first letter, or after it. */
function slip(rest: string): string {
  const [first, second] = rest;
  // Behind the last letter one can only be put in.
  if (first === undefined) return '.';
  const [here, after] = [literal(first), rest.slice(1)];
  const atOnce = `(?:[^${here}]|.${here})?${literal(after)}`;
  const swapped = second === undefined || second === first ? [] : [literal(`${second}${first}${rest.slice(2)}`)];
  return `(?:${[atOnce, ...swapped, `${here}${slip(after)}`].join('|')})`;
}

const literal = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, (letter) => `\\${letter}`);

const lower = (name: string): string => name.toLowerCase();
const upperFirst = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);
const joined = (name: string, by: string): string =>
  name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `${by}${letter}`).toLowerCase();
