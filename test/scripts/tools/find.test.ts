import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtTool, findTool, howToGet, recipeFolder } from '../../../scripts/tools/find.ts';
import { TOOL_NAMES, TOOLS } from '../../../scripts/tools/tools.ts';
import type { ToolName } from '../../../scripts/tools/tools.ts';

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

/** What stands in a tool's recipe when its version is fixed: of each file a line, or a part of one. */
function fixing(name: ToolName): readonly (readonly [file: string, text: string])[] {
  const { making } = TOOLS[name];
  if (making.from === 'go') return [['go.mod', `\ntool ${making.package}\n`]];
  if (making.from === 'python') return [['requirements.txt', `\n${name}==`]];
  const recipe = readFileSync(path.join(recipeFolder(name), 'go.mod'), 'utf8');
  // The sum of the files themselves, not only of their go.mod.
  return making.files.map(({ module }) => {
    const version = new RegExp(`^\t${module} (v\\S+)$`, 'm').exec(recipe)?.[1];
    return ['go.sum', `\n${module} ${version} h1:`];
  });
}

test.each(TOOL_NAMES)('%s has a recipe that fixes its version', (name) => {
  const fixed = fixing(name);
  expect(fixed.length).toBeGreaterThan(0);
  for (const [file, text] of fixed)
    expect(`\n${readFileSync(path.join(recipeFolder(name), file), 'utf8')}`).toContain(text);
});

test('every tool says how to get it', () => {
  expect(howToGet('helm3')).toBe('Put helm3 on the PATH, name it (HELM3=<path>), or build it: npm run tools -- helm3');
});

test('the list of names is the list of tools', () => {
  expect([...TOOL_NAMES].toSorted()).toEqual(Object.keys(TOOLS).toSorted());
});
