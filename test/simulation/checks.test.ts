import { describe, expect, test } from 'vitest';
import type { ObjectUid, ServerUuid } from '../../src/base/ids.ts';
import { parseAttemptId, parseClusterId, parseObjectUid, parseServerUuid } from '../../src/base/ids.ts';
import { addMillis, formatInstant, minutes } from '../../src/base/time.ts';
import { ANNOTATION, FINALIZER, ownerTags } from '../../src/resources/names.ts';
import { fieldsOf, textOf } from '../support/api-server/json.ts';
import { AN_ORDER } from '../support/simulated-world.ts';
import { VIRTUAL_START } from '../support/virtual-clock.ts';
import { CANARIES } from '../support/simulation/canaries.ts';
import type { Mutations } from '../support/simulation/checks.ts';
import { check } from '../support/simulation/checks.ts';
import { aServer } from '../support/simulation/scenarios.ts';
import { Simulation } from '../support/simulation/simulation.ts';

/** Histories without an operator: whoever writes here says what one has done, and the checks say whether it was allowed to. */

const [ATTEMPT, NEXT_ATTEMPT, CLUSTER, STRANGER] = known([
  parseAttemptId('aaaaaaaaaaaaaaaa'),
  parseAttemptId('bbbbbbbbbbbbbbbb'),
  parseClusterId('c0c0c0c0c0c0'),
  parseObjectUid('22222222-bbbb-4000-8000-000000000002'),
]);
const QUIET: Mutations = { kube: 0, vendor: 0, refusedOrders: 0, reads: 0, at: VIRTUAL_START };
const SERVERS = '/v3/flexMetal/servers';

class Tale {
  readonly sim = new Simulation({ seed: 1, faults: [] });
  readonly #manifest: ReturnType<typeof aServer>;
  readonly uid: ObjectUid;

  constructor(spec: object = {}) {
    this.#manifest = aServer('web-1', spec);
    const { metadata } = this.#manifest;
    const object = this.sim.user.create({ ...this.#manifest, metadata: { ...metadata, finalizers: [FINALIZER] } });
    [this.uid] = known([parseObjectUid(textOf(fieldsOf(object['metadata'])['uid']) ?? '')]);
  }

  #entry(fields: object): object {
    const account = { baseUrl: 'https://api.simulated.example', tokenFingerprint: 'abcdef012345' };
    const requestedAt = formatInstant(this.sim.clock.now());
    const made = { attempts: 1, revision: 1, specHash: 'hash', requestedAt, holder: 'operator-1', account };
    return { objectUid: this.uid, attempt: ATTEMPT, ...made, outcome: 'open', ...fields };
  }

  annotates(fields: object = {}): this {
    return this.says({ [ANNOTATION.order]: JSON.stringify(this.#entry(fields)) });
  }

  /** Both copies of the ledger. */
  writes(fields: object = {}, conditions: readonly object[] = []): this {
    this.sim.user.edit(this.#manifest, { status: { order: this.#entry(fields), conditions } }, 'status');
    return this.annotates(fields);
  }

  says(annotations: Readonly<Record<string, string>>): this {
    this.sim.user.annotate(this.#manifest, annotations);
    return this;
  }

  isDeleted(): this {
    this.sim.user.delete(this.#manifest);
    return this;
  }

  goes(): this {
    this.sim.user.dropFinalizers(this.#manifest);
    return this;
  }

  async waits(length: Parameters<Simulation['pass']>[0]): Promise<this> {
    await this.sim.pass(length);
    this.sim.world.advance(this.sim.clock.now());
    return this;
  }

  orders(attempt = ATTEMPT, onItsWay: () => unknown = () => undefined): ServerUuid {
    const tags = ownerTags({ cluster: CLUSTER, uid: this.uid, attempt, namespace: 'default', name: 'web-1' });
    const [server] = [JSON.parse(this.calls('POST', SERVERS, { ...AN_ORDER, tags }, onItsWay))].flat();
    return known([parseServerUuid(server.uuid)])[0];
  }

  releases(server: ServerUuid, onItsWay: () => unknown = () => undefined): this {
    this.calls('DELETE', `${SERVERS}/${server}`, undefined, onItsWay);
    return this;
  }

  tags(server: ServerUuid, tag: string): this {
    this.calls('POST', `${SERVERS}/${server}/tag/${encodeURIComponent(tag)}`);
    return this;
  }

  /** A call of the operator, and what happens between its leaving and its arrival. */
  calls(method: string, path: string, body?: object, onItsWay: () => unknown = () => undefined): string {
    const { effects, clock, world } = this.sim;
    effects.next(clock.now(), 'operator-1', `vendor ${method} ${path}`);
    onItsWay();
    const headers = { 'private-token': CANARIES.token };
    const request = { method, path, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return world.apply(clock.now(), request).body;
  }

  /** The numbers of the promises that were broken. */
  broken(before = QUIET, after = QUIET): readonly string[] {
    const violations = check(this.sim, { before, after }, []);
    return [...new Set(violations.map((violation) => violation.slice(0, 2)))].toSorted();
  }
}

function known<const T extends readonly unknown[]>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  if (values.includes(undefined)) throw new Error('the test has a wrong id');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- none of them is undefined
  return values as { [K in keyof T]: Exclude<T[K], undefined> };
}

const PAUSED = { [ANNOTATION.paused]: 'true' };

describe('an order', () => {
  test.each<[string, (tale: Tale) => unknown, readonly string[]]>([
    ['with both copies of its intent', (tale) => tale.writes().orders(), []],
    ['without the copy in status', (tale) => tale.annotates().orders(), ['S2']],
    ['without any intent', (tale) => tale.orders(), ['S2']],
    ['of an attempt that was closed', (tale) => tale.writes({ outcome: 'absent', settledAt: NOW }).orders(), ['S2']],
    ['of another attempt', (tale) => tale.writes().orders(NEXT_ATTEMPT), ['S2']],
    [
      'for a paused object',
      (tale) =>
        tale
          .writes()
          .says(PAUSED)
          .waits(minutes(1))
          .then((it) => it.orders()),
      ['S2'],
    ],
    [
      'for a deleted object',
      (tale) =>
        tale
          .writes()
          .isDeleted()
          .waits(minutes(1))
          .then((it) => it.orders()),
      ['S2'],
    ],
    [
      'for an object that is paused when it has left',
      (tale) => tale.writes().orders(ATTEMPT, () => tale.says(PAUSED)),
      [],
    ],
    ['that is sent twice', (tale) => [tale.writes().orders(), tale.orders()], ['S1', 'S2']],
    [
      'of a second attempt beside a live server',
      (tale) => [tale.writes().orders(), tale.writes({ attempt: NEXT_ATTEMPT, revision: 2 }).orders(NEXT_ATTEMPT)],
      ['S1'],
    ],
    [
      'of a second attempt beside a server that a person had forgotten',
      (tale) => {
        const forgotten = [tale.writes().orders()];
        tale.writes({ attempt: NEXT_ATTEMPT, revision: 2, forgotten }).orders(NEXT_ATTEMPT);
      },
      [],
    ],
  ])('%s', async (_what, happens, expected) => {
    const tale = new Tale();
    await happens(tale);
    expect(tale.broken()).toEqual(expected);
  });
});

const NOW = '2026-11-24T20:00:00Z';

describe('a release', () => {
  test.each<[string, (tale: Tale, server: ServerUuid) => unknown, readonly string[], object?]>([
    ['for a deleted object', (tale, server) => tale.isDeleted().releases(server), []],
    ['for an object that nobody deleted', (tale, server) => tale.releases(server), ['S3']],
    ['that a person answered for', (tale, server) => tale.writes({ releases: [server] }).releases(server), []],
    ['for a paused object', (tale, server) => tale.says(PAUSED).isDeleted().releases(server), ['S3']],
    ['that left before the pause', (tale, server) => tale.isDeleted().releases(server, () => tale.says(PAUSED)), []],
    [
      'for a protected object',
      (tale, server) => tale.isDeleted().releases(server),
      ['S3'],
      { deletionProtection: true },
    ],
    [
      'for an object to be retained',
      (tale, server) => tale.isDeleted().releases(server),
      ['S3'],
      { deletionPolicy: 'Retain' },
    ],
    [
      'of a server that a person had forgotten',
      (tale, server) =>
        tale
          .writes({ forgotten: [server] })
          .isDeleted()
          .releases(server),
      ['S3'],
    ],
    [
      'of a server that carries another uid as well',
      async (tale, server) => {
        await tale.tags(server, `flexmetal-uid:${STRANGER}`).isDeleted().waits(minutes(1));
        tale.releases(server);
      },
      ['S3'],
    ],
  ])('%s', async (_what, happens, expected, spec) => {
    const tale = new Tale(spec);
    const server = tale.writes().orders();
    await tale.waits(minutes(1));
    await happens(tale, server);
    expect(tale.broken()).toEqual(expected);
  });
});

describe('an object that goes', () => {
  test.each<[string, (tale: Tale, server: ServerUuid) => unknown, readonly string[], object?]>([
    ['before its server', (tale) => tale.isDeleted().goes(), ['L3', 'S4']],
    ['while its server is released', (tale, server) => tale.isDeleted().releases(server).goes(), ['S4']],
    [
      'after its server',
      (tale, server) =>
        tale
          .isDeleted()
          .releases(server)
          .waits(minutes(2))
          .then((it) => it.goes()),
      [],
    ],
    ['and is to be retained', (tale) => tale.isDeleted().goes(), [], { deletionPolicy: 'Retain' }],
    [
      'on a person’s word',
      (tale, server) =>
        tale
          .isDeleted()
          .says({ [ANNOTATION.forceForget]: server })
          .goes(),
      [],
    ],
    [
      'and had forgotten its server',
      (tale, server) =>
        tale
          .writes({ forgotten: [server] })
          .isDeleted()
          .goes(),
      [],
    ],
    ['and another server comes after it', (tale, server) => late(tale, server), ['L3', 'S2', 'S4']],
    ['half an hour after it was deleted', (tale) => tale.isDeleted().waits(minutes(31)), ['S5']],
    ['never, since it is paused', (tale) => tale.says(PAUSED).isDeleted().waits(minutes(31)), []],
    ['never, since it is protected', (tale) => tale.isDeleted().waits(minutes(31)), [], { deletionProtection: true }],
  ])('%s', async (_what, happens, expected, spec) => {
    const tale = new Tale(spec);
    const server = tale.writes().orders();
    await tale.waits(minutes(1));
    await happens(tale, server);
    expect(tale.broken()).toEqual(expected);
  });
});

async function late(tale: Tale, server: ServerUuid): Promise<void> {
  await tale.isDeleted().releases(server).waits(minutes(2));
  await tale.goes().waits(minutes(1));
  tale.orders(NEXT_ATTEMPT);
}

test('an object that is Ready must know its server', () => {
  const tale = new Tale();
  const server = tale.writes().orders();
  const ready = { type: 'Ready', status: 'True', reason: 'Ready', message: '', lastTransitionTime: NOW };
  tale.writes({ outcome: 'created', serverUuid: server, proof: 'reply', settledAt: NOW }, [ready]);
  expect(tale.broken()).toEqual([]);
  tale.writes({ outcome: 'absent', serverUuid: null, proof: null, settledAt: NOW, revision: 3 }, [ready]);
  expect(tale.broken()).toEqual(['L3']);
});

test('no secret may stand in an object, and no pass may fail', () => {
  const tale = new Tale();
  tale.says({ note: CANARIES.kernelParam });
  tale.sim.logLines.push('{"level":"error","err":{"message":"undefined is no function"},"msg":"pass failed"}\n');
  expect(tale.broken()).toEqual(['L1', 'S6']);
});

test('what the vendor refuses may be tried again now and then, and nothing else may go on', () => {
  const refusedOnce = { ...QUIET, kube: 6, vendor: 1, refusedOrders: 1 };
  const tale = new Tale();
  expect(tale.broken(QUIET, refusedOnce)).toEqual([]);
  expect(tale.broken(QUIET, { ...refusedOnce, vendor: 2 })).toEqual(['L2']);
  expect(tale.broken(QUIET, { ...refusedOnce, kube: 20 })).toEqual(['L2']);
  expect(tale.broken(QUIET, { ...QUIET, kube: 18, vendor: 3, refusedOrders: 3 })).toEqual(['L2']);
  expect(tale.broken(QUIET, { ...QUIET, kube: 1 })).toEqual(['L2']);
});

test('at rest the vendor is asked no more than the poller needs', () => {
  const later = { ...QUIET, at: addMillis(VIRTUAL_START, minutes(10)) };
  const tale = new Tale();
  expect(tale.broken(QUIET, { ...later, reads: 80 })).toEqual([]);
  expect(tale.broken(QUIET, { ...later, reads: 3_009 })).toEqual(['L2']);
});
