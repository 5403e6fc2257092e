import { expect, test } from 'vitest';
import { Screen } from '../../../scripts/demo/screen.ts';
import type { ServerView } from '../../../scripts/demo/server-view.ts';

const view = (name: string, deliveryStatus: string): ServerView => ({
  name,
  uid: name,
  ready: 'False',
  reason: '',
  message: '',
  deliveryStatus,
  instanceType: 't',
  location: 'l',
  address: '',
  serverUuid: '',
  appliedTags: [],
  deleting: false,
});

function aScreen(isTerminal: boolean): { screen: Screen; written: () => string } {
  let text = '';
  const output = { isTerminal, columns: () => 40, write: (more: string) => void (text += more) };
  return { screen: new Screen(output, () => 1_234), written: () => text };
}

/** What a terminal shows after `text`, cursor-up-and-clear obeyed. */
function shown(text: string): readonly string[] {
  let lines = [''];
  for (const part of text.split('\u001B[J')) {
    const [plain = '', up = '0A'] = part.split('\u001B[');
    const [first = '', ...rest] = plain.split('\n');
    lines = [...lines.slice(0, -1), `${lines.at(-1)}${first}`, ...rest];
    lines = up === '0A' ? lines : [...lines.slice(0, lines.length - 1 - Number.parseInt(up, 10)), ''];
  }
  return lines.slice(0, -1);
}

test('on a terminal the table stays below the story and is drawn over', () => {
  const { screen, written } = aScreen(true);
  screen.say('one');
  screen.show([view('a', 'created')]);
  screen.say('two');
  screen.show([view('a', 'delivered')]);
  expect(shown(written())).toEqual([
    'one',
    'two',
    '',
    expect.stringMatching(/^NAME/),
    expect.stringMatching(/^a .* delivered/),
  ]);
});

test('no drawn line is wider than the terminal', () => {
  const { screen, written } = aScreen(true);
  screen.show([view('a'.repeat(60), 'created')]);
  expect(Math.max(...shown(written()).map((line) => line.length))).toBe(39);
});

test('the same table is not drawn twice', () => {
  const { screen, written } = aScreen(true);
  screen.show([view('a', 'created')]);
  const before = written();
  screen.show([view('a', 'created')]);
  expect(written()).toBe(before);
});

test('a frozen table stays, and the story goes on below it', () => {
  const { screen, written } = aScreen(true);
  screen.show([view('a', 'created')]);
  screen.freeze();
  screen.say('the end');
  expect(shown(written()).at(-1)).toBe('the end');
  expect(shown(written())).toHaveLength(4);
});

test('elsewhere each change is one plain line', () => {
  const { screen, written } = aScreen(false);
  screen.show([view('a', 'created'), view('b', 'created')]);
  screen.show([view('a', 'created'), view('b', 'delivered')]);
  screen.show([view('b', 'delivered')]);
  expect(written()).toBe(
    [
      '   1.2 s  a  Ready=False  created',
      '   1.2 s  b  Ready=False  created',
      '   1.2 s  b  Ready=False  delivered',
      '   1.2 s  a  gone',
      '',
    ].join('\n'),
  );
});
