import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOMS } from '../architecture/checker.ts';
import { readPage, ROOT, tableRows } from './markdown.ts';

test('the table of rooms in docs/design.md is the one that is enforced, for every room there is', () => {
  const table = tableRows(readPage('docs/design.md')).flatMap(([room = '', , may = '']) => {
    const name = /^`src\/([a-z]+)`$/.exec(room)?.[1];
    return name === undefined ? [] : [[name, may === '–' ? [] : may.split(', ').toSorted()] as const];
  });
  const folders = readdirSync(path.join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const enforced = folders.map(({ name }) => [name, (ROOMS[name]?.rooms ?? ['not enforced']).toSorted()] as const);
  expect(Object.fromEntries(table)).toEqual(Object.fromEntries(enforced));
});

test('the chain in docs/design.md is the one in decide.ts', () => {
  const { text } = readPage('docs/design.md');
  const [, told = ''] = /\*\*The chain\*\*: ([^;]+);/.exec(text) ?? [];
  const [, written = ''] = /const CHAIN[^=]*= \{([^}]+)\}/.exec(readPage('src/core/server/decide.ts').text) ?? [];
  const plain = (words: string): readonly string[] =>
    words
      .split(',')
      .map((word) => word.replaceAll(/[\s-]/g, '').toLowerCase())
      .filter((word) => word !== '');
  expect(plain(told)).toEqual(plain(written));
});
