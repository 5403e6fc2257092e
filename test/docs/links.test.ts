import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { anchors, links, PAGES, readPage, ROOT } from './markdown.ts';
import type { Page } from './markdown.ts';

const FOLDER_LINK = /\/$/;

/** What is wrong with a link, if anything: the file is not there, or it has no such heading. */
function complaint(page: Page, target: string): string | undefined {
  if (/^https?:/.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  const found = file === '' ? page.file : path.join(path.dirname(page.file), file).replace(FOLDER_LINK, '');
  if (!existsSync(path.join(ROOT, found))) return `${target}: there is no ${found}`;
  if (anchor === undefined || anchors(readPage(found)).includes(anchor)) return undefined;
  return `${target}: ${found} has no heading #${anchor}`;
}

test.each(PAGES.map((page) => [page.file, page] as const))('every link of %s leads somewhere', (_file, page) => {
  expect(links(page).map((target) => complaint(page, target))).toEqual(links(page).map(() => undefined));
});

test('every page of docs/ can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const file of reached) {
    for (const target of links(readPage(file))) {
      const next = path.join(path.dirname(file), target.split('#')[0] ?? '');
      if (next.endsWith('.md') && existsSync(path.join(ROOT, next))) reached.add(next);
    }
  }
  expect([...reached]).toEqual(expect.arrayContaining(PAGES.map(({ file }) => file)));
});
