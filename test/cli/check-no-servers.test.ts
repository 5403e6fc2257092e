import { describe, expect, test } from 'vitest';
import { checkNoServers } from '../../src/cli/check-no-servers.ts';
import { formatEntry } from '../../src/core/model/ledger.ts';
import type { Outcome } from '../../src/core/model/ledger.ts';
import { KubeClient } from '../../src/kube/client.ts';
import type { KubeResult } from '../../src/kube/transport.ts';
import { ANNOTATION } from '../../src/resources/names.ts';
import { aList, aServer } from '../kube/support/objects.ts';
import { failed, ok, ScriptedTransport, status } from '../kube/support/scripted-transport.ts';
import { anEntry, NOW, UID, uuid } from '../support/builders.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

async function checked(answers: Readonly<Record<string, KubeResult>>, namespaces: readonly string[] = []) {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport();
  transport.answer = ({ path }) => {
    const url = new URL(path, 'http://api');
    const namespace = /namespaces\/([^/]+)/.exec(url.pathname)?.[1] ?? '';
    return answers[`${namespace}${url.searchParams.get('continue') ?? ''}`] ?? failed('no', 'unscripted');
  };
  const kube = new KubeClient({ transport, clock, random: { next: () => 1, hex: () => '' } });
  let isDone = false;
  const work = checkNoServers(namespaces, kube, new AbortController().signal).finally(() => (isDone = true));
  await clock.advanceUntil(() => isDone, 120_000);
  return work;
}

const ordered = (name: string, outcome: Outcome, metadata: object = {}) =>
  aServer({
    name,
    uid: UID,
    metadata: {
      annotations: { [ANNOTATION.order]: JSON.stringify(formatEntry(anEntry({ outcome }))) },
      ...metadata,
    },
  });

describe('nothing is left', () => {
  test.each([
    ['an empty list', ok(aList([])), [], 'No FlexMetalServer is left.'],
    ['a list that Go wrote as null', ok({ ...Object(aList([])), items: null }), [], 'No FlexMetalServer is left.'],
  ])('%s', async (_name, answer, namespaces, line) => {
    expect(await checked({ '': answer }, namespaces)).toEqual({ verdict: 'right', lines: [line] });
  });

  test('in the namespaces that were named: others are not asked about', async () => {
    expect(await checked({ a: ok(aList([])), b: ok(aList([])) }, ['a', 'b'])).toEqual({
      verdict: 'right',
      lines: ['No FlexMetalServer is left in a, b.'],
    });
  });
});

describe('something is left', () => {
  const RELEASE =
    'To release them: kubectl delete flexmetalservers, and wait until kubectl get flexmetalservers --all-namespaces shows none.';
  const COST = 'Without the operator nothing watches or releases their servers, and they go on costing money.';
  const STAY =
    'To leave them to a later installation, with their servers running and costing money: helm uninstall --no-hooks';

  test('each object with what it says of its server', async () => {
    const server = uuid(1);
    const items = [
      ordered('web', { kind: 'created', server, proof: 'reply', at: NOW }),
      ordered(
        'going',
        { kind: 'created', server, proof: 'reply', at: NOW },
        { deletionTimestamp: '2026-11-24T20:00:00Z' },
      ),
      ordered('unclear', { kind: 'open' }),
      ordered('absent', { kind: 'absent', at: NOW }),
      aServer({ name: 'broken', metadata: { annotations: { [ANNOTATION.order]: 'not JSON' } } }),
      aServer({ name: 'fresh' }),
    ];
    const { lines, verdict } = await checked({ '': ok(aList(items)) });
    expect(verdict).toBe('wrong');
    expect(lines.slice(0, 3)).toEqual([
      '6 FlexMetalServers are left. With a server: 2. Perhaps with one: 2. Without: 2.',
      `  games/web  server ${server}`,
      expect.stringMatching(new RegExp(`^  games/going  server ${server}, being deleted$`)),
    ]);
    expect(lines.slice(3, 7)).toEqual([
      '  games/unclear  perhaps a server: its order is not settled',
      '  games/absent  no server',
      '  games/broken  perhaps a server: its order is not settled',
      '  games/fresh  no server',
    ]);
    expect(lines.slice(7)).toEqual([COST, RELEASE, STAY]);
  });

  test('of many at most twenty, counted over all pages and namespaces', async () => {
    const page = (from: number) => Array.from({ length: 15 }, (_, index) => aServer({ name: `s-${from + index}` }));
    const answers = {
      a: ok(aList(page(0), '10', 'next')),
      anext: ok(aList(page(15), '10')),
      b: ok(aList(page(30), '10')),
    };
    const { lines } = await checked(answers, ['a', 'b']);
    expect(lines[0]).toBe('45 FlexMetalServers are left in a, b. With a server: 0. Perhaps with one: 0. Without: 45.');
    expect(lines.filter((line) => line.startsWith('  games/s-'))).toHaveLength(20);
    expect(lines[21]).toBe('  and 25 more');
  });

  test('what cannot even be read counts', async () => {
    const { lines, verdict } = await checked({ '': ok(aList([{ spec: {} }])) });
    expect([verdict, lines.slice(0, 2)]).toEqual([
      'wrong',
      ['1 FlexMetalServer is left. With a server: 0. Perhaps with one: 1. Without: 0.', '  and 1 more'],
    ]);
  });
});

describe('it cannot be told', () => {
  test.each([
    ['no API server', failed('no', 'ECONNREFUSED'), 'the API server gave no usable answer: ECONNREFUSED'],
    ['not allowed', status(403, 'Forbidden'), 'it is Forbidden'],
    ['not known', status(401, 'Unauthorized'), 'it is Unauthorized'],
    [
      'no such kind: a proxy may answer so as well',
      { kind: 'reply', status: 404, headers: {}, body: undefined },
      'the API server does not know the kind: its CRD is not installed',
    ],
    ['the list went stale', status(410, 'Expired'), 'the list changed while it was read: try again'],
    ['no list', ok({ kind: 'Status' }), 'the API server gave no usable answer: unreadable reply'],
  ] satisfies [string, KubeResult, string][])('%s', async (_name, answer, reason) => {
    expect(await checked({ '': answer })).toEqual({
      verdict: 'unknown',
      lines: [
        `Whether FlexMetalServers are left cannot be told: ${reason}.`,
        'Look yourself: kubectl get flexmetalservers --all-namespaces',
        'To uninstall without this check: helm uninstall --no-hooks',
      ],
    });
  });

  test('for one of the namespaces', async () => {
    const { verdict, lines } = await checked({ a: ok(aList([])), b: status(403, 'Forbidden') }, ['a', 'b']);
    expect(verdict).toBe('unknown');
    expect(lines[1]).toBe('Look yourself: kubectl get flexmetalservers --namespace b');
  });

  test('after a first page with nothing on it', async () => {
    const answers = { '': ok(aList([], '10', 'next')), next: failed('maybe', 'ECONNRESET') };
    expect((await checked(answers)).verdict).toBe('unknown');
  });
});
