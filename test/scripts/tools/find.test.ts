import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtTool, findTool, howToGet, recipeFolder } from '../../../scripts/tools/find.ts';
import { TOOL_NAMES, TOOLS } from '../../../scripts/tools/tools.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'flexmetal-tools-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const environment = () => ({ PATH: path.join(root, 'bin'), XDG_CACHE_HOME: path.join(root, 'cache') });

function program(file: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

test.each(TOOL_NAMES)(
  '%s is the one that its variable names, else the one built here, else the one on the PATH',
  (name) => {
    const env = environment();
    expect(findTool(name, env)).toBeUndefined();
    const onPath = program(path.join(root, 'bin', TOOLS[name].program));
    expect(findTool(name, env)).toBe(onPath);
    const built = program(builtTool(name, env));
    expect(findTool(name, env)).toBe(built);
    expect(findTool(name, { ...env, [TOOLS[name].variable]: '/elsewhere' })).toBe('/elsewhere');
    expect(findTool(name, { ...env, [TOOLS[name].variable]: '' })).toBe(built);
  },
);

test.each(TOOL_NAMES)('%s has a recipe that fixes its version', (name) => {
  const { making } = TOOLS[name];
  const [file, line] =
    making.from === 'go'
      ? (['go.mod', `\ntool ${making.package}\n`] as const)
      : (['requirements.txt', `\n${name}==`] as const);
  expect(readFileSync(path.join(recipeFolder(name), file), 'utf8')).toContain(line);
});

test('every tool says how to get it', () => {
  expect(howToGet('helm3')).toBe('Put helm3 on the PATH, name it (HELM3=<path>), or build it: npm run tools -- helm3');
});

test('the list of names is the list of tools', () => {
  expect([...TOOL_NAMES].toSorted()).toEqual(Object.keys(TOOLS).toSorted());
});
