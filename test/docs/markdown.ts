import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '../..');

/** One page of the documentation. */
export interface Page {
  /** From the root of the project: `docs/design.md`. */
  readonly file: string;
  readonly text: string;
}

export interface CodeBlock {
  /** What follows the fence: `sh`, `yaml`; empty when there is nothing. */
  readonly language: string;
  readonly text: string;
}

export const readPage = (file: string): Page => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') });

/** Every page that people read: those at the root, in docs/, and the runbooks. */
export const PAGES: readonly Page[] = ['.', 'docs', 'docs/runbooks'].flatMap((folder) =>
  readdirSync(path.join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => readPage(path.join(folder, name))),
);

const FENCED = /^```(\w*)\n([\s\S]*?)^```$/gm;

export const codeBlocks = ({ text }: Page): readonly CodeBlock[] =>
  [...text.matchAll(FENCED)].map(([, language = '', code = '']) => ({ language, text: code }));

/** Targets of all links outside code. */
export function links({ text }: Page): readonly string[] {
  const prose = text.replaceAll(FENCED, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** The anchors that GitHub makes of a page's headings. */
export const anchors = ({ text }: Page): readonly string[] =>
  [...text.replaceAll(FENCED, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );

/** The cells of every row of every table but for the heads; a cell may hold `\|`. */
export const tableRows = ({ text }: Page): readonly (readonly string[])[] =>
  text
    .replaceAll(FENCED, '')
    .split('\n')
    .filter((line, index, lines) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1] ?? ''))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );

const isRule = (line: string): boolean => /^\|[\s:|-]+\|$/.test(line);

/** Everything that stands in backticks in a text, on one line. */
export const inBackticks = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`\n]+)`/g)].map(([, words = '']) => words);

/** Command lines of the shell blocks, comments taken off, continued lines joined; and those that stand in backticks. */
export const commands = (page: Page): readonly string[] => [
  ...codeBlocks(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, ' ').split('\n'))
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== ''),
  ...inBackticks(page.text.replaceAll(FENCED, '')).filter((words) => /^(?:npm|npx|bin\/\S+) /.test(words)),
];
