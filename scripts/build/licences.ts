import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockedPackage } from './lock-file.ts';

/** Licences under which others' code may be given away with ours, by their SPDX names: they ask for no more than to be named. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
]);

/**
 * Whether a package may be used: with `A OR B` one of them has to be allowed, with `A AND B` both; parentheses as in SPDX.
 * False for what is no such expression, such as `SEE LICENSE IN …`, and for a package that says nothing.
 */
export function isAllowed(licence: string | undefined): boolean {
  if (licence === undefined) return false;
  const words = licence.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const either = (): boolean => {
    let allowed = both();
    while (words[at] === 'OR') {
      at += 1;
      const other = both();
      allowed = allowed || other;
    }
    return allowed;
  };
  const both = (): boolean => {
    let allowed = one();
    while (words[at] === 'AND') {
      at += 1;
      const other = one();
      allowed = allowed && other;
    }
    return allowed;
  };
  const one = (): boolean => {
    const word = words[at];
    at += 1;
    if (word !== '(') return word !== undefined && ALLOWED.has(word);
    const inner = either();
    const isClosed = words[at] === ')';
    at += 1;
    return inner && isClosed;
  };
  return either() && at === words.length;
}

/** A sentence for each package that may not be used. */
export function licenceProblems(packages: readonly LockedPackage[]): readonly string[] {
  return packages
    .filter(({ licence }) => !isAllowed(licence))
    .map(
      ({ name, version, licence }) =>
        `${name} ${version}: ${licence === undefined ? 'names no licence' : `${licence} is not among the allowed licences`}; ` +
        'replace the package, or allow the licence in scripts/build/licences.ts after reading it',
    );
}

/**
 * The text that goes along with the bundle: name, version and licence of each package in it, then their licences and notices
 * word for word.
 * @param root the project's folder, with node_modules
 * @throws when a package has no file with its licence: its terms ask for it
 */
export async function licencesText(root: string, packages: readonly LockedPackage[]): Promise<string> {
  const parts = await Promise.all(packages.map(async (one) => ({ ...one, texts: await textsOf(root, one) })));
  const list = parts.map(({ name, version, licence }) => `  ${name} ${version} (${licence ?? 'unknown'})`);
  const sections = parts.map(
    ({ name, version, licence, texts }) =>
      `${RULE}\n${name} ${version} (${licence ?? 'unknown'})\n${RULE}\n\n${texts.join('\n\n')}\n`,
  );
  return `${INTRODUCTION}\n${list.join('\n')}\n\n${sections.join('\n')}`;
}

const INTRODUCTION = 'flexmetal-operator.mjs holds code of these packages. Their licences and notices follow.\n';
const RULE = '-'.repeat(80);

async function textsOf(root: string, { folder, name }: LockedPackage): Promise<readonly string[]> {
  const files = (await readdir(join(root, folder))).toSorted();
  const licences = files.filter((file) => /^(?:licen[cs]e|copying|unlicense)\b/i.test(file));
  const notices = files.filter((file) => /^notice\b/i.test(file));
  if (licences.length === 0)
    throw new Error(`${name} has no file with its licence; find its text before it is given away`);
  const texts = await Promise.all([...licences, ...notices].map((file) => readFile(join(root, folder, file), 'utf8')));
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim());
}
