import { expect, test } from 'vitest';
import type { Installation } from '../../src/cli/check.ts';
import { checkMain } from '../../src/cli/check.ts';
import type { Got } from '../../src/cli/http-get.ts';
import type { ListOutcome } from '../../src/core/model/outcomes.ts';
import type { PageResult } from '../../src/kube/client.ts';
import { KubeConfigError } from '../../src/kube/credentials.ts';
import { aListing, aServer } from '../support/builders.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const EMPTY: PageResult = { kind: 'page', items: [], unreadable: 0, resourceVersion: '1', continueToken: undefined };

async function run(
  argv: readonly string[],
  answers: {
    readonly page?: PageResult;
    readonly got?: Got;
    readonly outcome?: ListOutcome;
    readonly installation?: Partial<Installation>;
    readonly complaint?: string;
  } = {},
) {
  const out: string[] = [];
  const err: string[] = [];
  const settings: string[] = [];
  const code = await checkMain(argv, {
    clock: new VirtualClock(),
    stop: new AbortController().signal,
    get: () => Promise.resolve(answers.got ?? { kind: 'reply', status: 200, text: 'ok' }),
    readSettings: (rest) => {
      settings.push(...rest);
      if (answers.complaint !== undefined) return { kind: 'error', message: answers.complaint };
      const installation: Installation = {
        namespaces: [],
        apiUrl: 'https://api.example',
        openKube: () => ({ listPage: () => Promise.resolve(answers.page ?? EMPTY) }),
        listOnePage: () => Promise.resolve(answers.outcome ?? { kind: 'incomplete', message: '' }),
        ...answers.installation,
      };
      return { kind: 'ok', installation };
    },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out, err, settings };
}

test('all is as it should be', async () => {
  expect(await run(['--ready=http://a/', '--no-servers', '--api', '--namespaces=x'])).toEqual({
    code: 0,
    out: [
      'http://a/readyz answers 200:',
      '  ok',
      'No FlexMetalServer is left.',
      'https://api.example takes the token. It lists more servers than the first page shows.',
    ],
    err: [],
    settings: ['--namespaces=x'],
  });
});

test('of several findings the worst counts, and all are told', async () => {
  const page: PageResult = { ...EMPTY, unreadable: 1 };
  const unreadable: ListOutcome = { kind: 'unreadable', failure: { kind: 'unavailable', message: 'HTTP 502' } };
  const { code, out } = await run(['--no-servers', '--api'], { page, outcome: unreadable });
  expect(code).toBe(2);
  expect(out.at(0)).toContain('1 FlexMetalServer is left.');
  expect(out.at(-1)).toBe('Whether https://api.example takes the token cannot be told: HTTP 502');
  expect((await run(['--no-servers', '--api'], { page })).code).toBe(1);
});

test.each<[string, ListOutcome, number, readonly string[]]>([
  [
    'a whole list',
    { kind: 'complete', listing: aListing([aServer()]) },
    0,
    ['https://api.example takes the token. It lists 1 servers.'],
  ],
  [
    'a token that is refused, or no token',
    { kind: 'unreadable', failure: { kind: 'credentials', message: 'HTTP 401: no such key' } },
    1,
    ['https://api.example: HTTP 401: no such key', 'Orders and releases wait until the token is right.'],
  ],
  [
    'an API that is not there',
    { kind: 'unreadable', failure: { kind: 'unavailable', message: 'not reached: ECONNREFUSED' } },
    2,
    ['Whether https://api.example takes the token cannot be told: not reached: ECONNREFUSED'],
  ],
])('--api and %s', async (_name, outcome, code, out) => {
  expect(await run(['--api'], { outcome })).toMatchObject({ code, out });
});

test('without a way to an API server it cannot be told what is left', async () => {
  const openKube = () => {
    throw new KubeConfigError('there is no kubeconfig');
  };
  expect(await run(['--no-servers'], { installation: { openKube } })).toMatchObject({
    code: 2,
    out: ['Whether FlexMetalServers are left cannot be told: there is no kubeconfig.'],
  });
});

test('help', async () => {
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  expect(out.join('\n')).toContain('Usage: flexmetal-operator check');
});

test.each([
  [
    'of its own',
    [],
    'nothing to check; name one of --ready <url>, --no-servers and --api\nSee flexmetal-operator check --help.',
  ],
  ['of the operator', ['--api', '--nonsense'], 'unknown flag --nonsense'],
])('wrong flags %s end it before anything is looked at', async (_name, argv, complaint) => {
  expect(await run(argv, { complaint })).toMatchObject({ code: 2, out: [], err: [complaint] });
});
