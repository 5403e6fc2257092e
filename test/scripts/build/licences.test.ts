import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAllowed, licenceProblems, licencesText } from '../../../scripts/build/licences.ts';
import type { LockedPackage } from '../../../scripts/build/lock-file.ts';

describe('a licence', () => {
  test.each([
    ['MIT', true],
    ['(MIT)', true],
    ['MIT AND Apache-2.0', true],
    ['GPL-3.0-only', false],
    ['MIT AND GPL-3.0-only', false],
    ['GPL-3.0-only AND MIT', false],
    ['MIT OR GPL-3.0-only', true],
    ['GPL-3.0-only OR MIT', true],
    ['GPL-3.0-only OR AGPL-3.0-only', false],
    ['MIT OR GPL-3.0-only AND AGPL-3.0-only', true],
    ['(MIT OR GPL-3.0-only) AND AGPL-3.0-only', false],
    ['(MIT OR GPL-3.0-only) AND ISC', true],
    ['Apache-2.0 WITH LLVM-exception', false],
    ['SEE LICENSE IN LICENSE', false],
    ['MIT MIT', false],
    ['(MIT', false],
    ['MIT)', false],
    ['MIT AND', false],
    ['UNLICENSED', false],
    ['', false],
    [undefined, false],
  ])('%s: allowed is %s', (licence, expected) => {
    expect(isAllowed(licence)).toBe(expected);
  });

  test('that is not allowed is named with its package and what to do', () => {
    expect(
      licenceProblems([aPackage('good', 'MIT'), aPackage('bad', 'SSPL-1.0'), aPackage('mute', undefined)]),
    ).toEqual([
      'bad 1.0.0: SSPL-1.0 is not among the allowed licences; replace the package, or allow the licence in scripts/build/licences.ts after reading it',
      'mute 1.0.0: names no licence; replace the package, or allow the licence in scripts/build/licences.ts after reading it',
    ]);
  });
});

describe('the list of licences', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'flexmetal-licences-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function install(name: string, files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(join(root, 'node_modules', name), { recursive: true });
    for (const [file, text] of Object.entries(files)) await writeFile(join(root, 'node_modules', name, file), text);
  }

  test('holds licences and notices word for word', async () => {
    await install('one', { 'LICENSE.md': 'Licence of one\r\nsecond line\r\n', 'index.js': 'no licence' });
    await install('two', { COPYING: 'Licence of two\n', NOTICE: 'Notice of two\n', 'index.license': 'no licence' });
    const text = await licencesText(root, [aPackage('one', 'MIT'), aPackage('two', 'Apache-2.0')]);
    expect(text).toContain('  one 1.0.0 (MIT)\n  two 1.0.0 (Apache-2.0)\n');
    expect(text).toContain('\n\nLicence of one\nsecond line\n');
    expect(text).toContain('\n\nLicence of two\n\nNotice of two\n');
    expect(text).not.toContain('no licence');
  });

  test('is refused when a package came without the text of its licence', async () => {
    await install('bare', { 'index.js': 'no licence' });
    await expect(licencesText(root, [aPackage('bare', 'MIT')])).rejects.toThrow('bare has no file with its licence');
  });
});

const aPackage = (name: string, licence: string | undefined): LockedPackage => ({
  folder: `node_modules/${name}`,
  name,
  version: '1.0.0',
  licence,
  integrity: undefined,
  needs: [],
});
