import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurationTable, loadConfig } from '../../src/config.ts';
import { SETTINGS } from '../../src/config/settings.ts';

const help = (): string => {
  const loaded = loadConfig({ argv: ['help'], env: {}, readFile: () => '' });
  return loaded.kind === 'help' ? loaded.text : '';
};

/** Unless the example is itself refused for another setting's sake. */
const LOOPBACK = '--api-url=http://127.0.0.1:1';

test.each(SETTINGS.map((setting) => [setting.key, setting] as const))(
  '%s is in the help with all its words',
  (_key, setting) => {
    const text = help();
    const flat = text.replaceAll(/\s+/g, ' ');
    expect(flat).toContain(`${setting.flag} <${setting.value}> [${setting.variable}]`);
    expect(flat).toContain(setting.meaning);
  },
);

test.each(SETTINGS.map((setting) => [setting.key, setting] as const))('the example of %s is right', (_key, setting) => {
  const argv = setting.key === 'apiUrl' ? [] : [LOOPBACK];
  const loaded = loadConfig({ argv: [...argv, `${setting.flag}=${setting.example}`], env: {}, readFile: () => '' });
  expect(loaded).toMatchObject({ kind: 'ok' });
});

test('no line of the help is wider than a terminal likes', () => {
  expect(
    help()
      .split('\n')
      .filter((line) => line.length > 110),
  ).toEqual([]);
});

test('docs/configuration.md says what the program does (npm run generate)', () => {
  expect(readFileSync('docs/configuration.md', 'utf8')).toBe(configurationTable());
});
