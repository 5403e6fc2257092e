import { minutes } from '../../../src/base/time.ts';
import type { Rest } from '../../../src/core/model/decision.ts';
import type { ServerSnapshot } from '../../../src/core/model/snapshot.ts';
import { decide } from '../../../src/core/server/decide.ts';
import { restingPoint, stamp, statusOf } from '../../../src/core/server/status.ts';
import { formatEntry } from '../../../src/core/model/ledger.ts';
import { parseFlexMetalServer } from '../../../src/resources/flexmetalserver/parse.ts';
import { ANNOTATION, FINALIZER, ownerTags } from '../../../src/resources/names.ts';
import {
  aLedger,
  anEntry,
  aNewSnapshot,
  aServer,
  aSnapshot,
  attemptId,
  CLUSTER,
  deleting,
  maybeSent,
  objectUid,
  OPEN,
  seeing,
  UID,
  uuid,
} from '../../../test/support/builders.ts';
import { median } from '../numbers.ts';
import { aServerManifest } from '../objects.ts';
import type { BenchResult, Measured } from '../result.ts';

const SERVERS = 1_000;

/** How fast the pure part is, beside a round trip of the object through JSON, which every read and write of it costs anyway. */
export function benchDecisions(): BenchResult {
  const settled = aSnapshot({ view: seeing(...manyServers()) });
  const stored = storedObject(settled);
  const text = JSON.stringify(stored);
  const roundTrip = perSecond(() => JSON.stringify(JSON.parse(text)));
  const row = (what: string, rate: number): Measured => ({
    what,
    ratio: { value: roundTrip / rate, to: 'JSON round trip' },
    value: rate,
    unit: '/s',
  });
  return {
    bench: 'decisions',
    title: 'Decisions a second',
    measured: [
      ...Object.entries(SITUATIONS).map(([name, snapshot]) =>
        row(
          `decide: ${name}`,
          perSecond(() => decide(snapshot)),
        ),
      ),
      row(
        'parse: the object as the API server gives it',
        perSecond(() => parseFlexMetalServer(stored)),
      ),
      row(
        'status: computed from a decision',
        perSecond(() => stamp(statusOf(settled, restOf(settled)), settled)),
      ),
    ],
    notes: [
      `one thread, in memory; the account's list holds ${SERVERS} servers; the ratio is the time of one, in round trips of the object (${text.length} bytes) through JSON.parse and JSON.stringify`,
    ],
  };
}

const manyServers = () =>
  Array.from({ length: SERVERS }, (_, index) =>
    index === 0
      ? aServer()
      : aServer({
          uuid: uuid(index + 1),
          name: `web-${index}`,
          tags: tagsOfAnother(index),
        }),
  );

const tagsOfAnother = (index: number): readonly string[] =>
  ownerTags({
    cluster: CLUSTER,
    uid: objectUid(`33333333-cccc-4000-8000-${String(index).padStart(12, '0')}`),
    attempt: attemptId(String(index).padStart(16, '0')),
    namespace: 'games',
    name: `web-${index}`,
  });

const view = seeing(...manyServers());
const strangers = seeing(...manyServers().slice(1));

const SITUATIONS: Readonly<Record<string, ServerSnapshot>> = {
  'Ready, nothing to do': aSnapshot({ view }),
  'new, looks for a server first': aNewSnapshot({ view: strangers }),
  'being delivered': aSnapshot({ view: seeing(aServer({ status: 'provisioning' }), ...manyServers().slice(1)) }),
  'an unclear order is settled': aSnapshot({
    ledger: aLedger({ outcome: OPEN }),
    memory: { ...aSnapshot().memory, intent: maybeSent(minutes(20)) },
    view: strangers,
  }),
  'two servers claim the object': aSnapshot({ view: seeing(aServer(), aServer({ uuid: uuid(2) })) }),
  'deleted, to be released': aSnapshot({ object: deleting(), view }),
};

function restOf(s: ServerSnapshot): Rest {
  const decision = decide(s);
  if (decision.kind === 'rest') return decision;
  if (decision.kind === 'act') return restingPoint(s, decision.effect);
  throw new Error('a settled object asks nothing');
}

function storedObject(s: ServerSnapshot) {
  const { metadata, ...rest } = aServerManifest('games', 'web');
  const entry = JSON.stringify(formatEntry(anEntry()));
  return {
    ...rest,
    metadata: {
      ...metadata,
      uid: UID,
      generation: 1,
      resourceVersion: '10',
      creationTimestamp: '2026-11-24T19:20:00Z',
      finalizers: [FINALIZER],
      annotations: { [ANNOTATION.order]: entry },
    },
    status: stamp(statusOf(s, restOf(s)), s),
  };
}

const ROUNDS = 5;
const ROUND_MS = 120;

/** Calls a second: the middle one of some rounds, after a first one that only warms up. */
function perSecond(work: () => unknown): number {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const startedAt = performance.now();
    let calls = 0;
    let took = 0;
    while (took < ROUND_MS) {
      for (let batch = 0; batch < 16; batch += 1) work();
      calls += 16;
      took = performance.now() - startedAt;
    }
    return (calls * 1_000) / took;
  });
  return median(rounds.slice(1));
}
