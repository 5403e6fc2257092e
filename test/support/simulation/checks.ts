import type { Instant } from '../../../src/base/time.ts';
import { formatInstant, minutes } from '../../../src/base/time.ts';
import { ANNOTATION, readMarks } from '../../../src/resources/names.ts';
import type { ServerLife } from '../../../src/simulator/retrospect.ts';
import { fieldsOf, parseJson, textOf } from '../api-server/json.ts';
import type { JsonObject } from '../api-server/json.ts';
import type { Change } from '../api-server/store.ts';
import { CANARY_TEXTS } from './canaries.ts';
import { FLEXMETALSERVERS } from './faulty-kube.ts';
import type { Simulation } from './simulation.ts';

/** How often the operator's processes changed something, or tried to, but for the Lease. */
export interface Mutations {
  readonly kube: number;
  readonly vendor: number;
}

export function mutationsOf({ api, world }: Simulation): Mutations {
  const kube = api.traffic
    .rows()
    .filter(
      ({ client, resource, verb }) =>
        client.startsWith('operator-') && !resource.startsWith('leases') && !READS.has(verb),
    )
    .reduce((sum, { requests }) => sum + requests, 0);
  const vendor = world.history.filter(({ kind }) => kind === 'request').length;
  return { kube, vendor };
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** Every promise of the design's section 9 that the run broke, each as a sentence that begins with its number. */
export function check(
  sim: Simulation,
  quiet: { readonly before: Mutations; readonly after: Mutations },
  metrics: readonly string[],
): readonly string[] {
  const changes = sim.api.history.filter((change) => change.resource === FLEXMETALSERVERS);
  const lives = sim.world.lives();
  const owned = lives.flatMap((life) => readMarks(life.tagsEver).uids.map((uid) => ({ uid, life })));
  return [
    ...oneServer(owned),
    ...intents(sim, changes),
    ...releases(sim, changes),
    ...departures(sim, changes, owned),
    ...costs(sim, changes, owned),
    ...leaks(sim, changes, metrics),
    ...sim.mishaps.map((mishap) => `L1 ${mishap}`),
    ...(quiet.before.kube === quiet.after.kube && quiet.before.vendor === quiet.after.vendor
      ? []
      : [`L2 there is no rest: writes went from ${JSON.stringify(quiet.before)} to ${JSON.stringify(quiet.after)}`]),
    ...leftovers(sim, owned),
  ];
}

interface Owned {
  readonly uid: string;
  readonly life: ServerLife;
}

const liveUntil = (life: ServerLife): number => Math.min(life.releasingAt ?? Infinity, life.endedAt ?? Infinity);

/** S1: at most one live server per object at every instant. */
function oneServer(owned: readonly Owned[]): readonly string[] {
  return owned.flatMap(({ uid, life }, index) =>
    owned
      .slice(index + 1)
      .filter((other) => other.uid === uid)
      .filter(({ life: other }) => life.orderedAt < liveUntil(other) && other.orderedAt < liveUntil(life))
      .map(({ life: other }) => `S1 two servers live at once for ${uid}: ${life.uuid} and ${other.uuid}`),
  );
}

/** S2: no order without a durable intent before it, in both places, and each intent is sent once. */
function intents({ world }: Simulation, changes: readonly Change[]): readonly string[] {
  const sent = new Set<string>();
  return world.orders().flatMap(({ tags, at, requestId }) => {
    const { uids, attempts } = readMarks(tags);
    const attempt = attempts[0] ?? '';
    const again = sent.has(attempt) ? [`S2 attempt ${attempt} was sent twice (${requestId})`] : [];
    sent.add(attempt);
    const written = changes.some(
      ({ object, at: writtenAt }) =>
        writtenAt <= at &&
        uidOf(object) === uids[0] &&
        annotationEntry(object)['attempt'] === attempt &&
        statusEntry(object)['attempt'] === attempt,
    );
    return written
      ? again
      : [...again, `S2 order ${requestId} (attempt ${attempt}) went out without an intent in both places`];
  });
}

/** S3: a server is released only for an object that owns it and is being deleted. */
function releases({ world }: Simulation, changes: readonly Change[]): readonly string[] {
  return world.history
    .filter((entry) => entry.kind === 'request')
    .filter((entry) => entry.operation === 'deleteFlexMetalServer')
    .flatMap(({ path, at }) => {
      const uuid = path.split('/').at(-1) ?? '';
      const life = world.lives().find((candidate) => candidate.uuid === uuid);
      const uids: readonly string[] = readMarks(life?.tagsEver ?? []).uids;
      const isOurs = changes.some(
        ({ object, at: changedAt }) =>
          changedAt <= at &&
          uids.includes(uidOf(object)) &&
          textOf(fieldsOf(object['metadata'])['deletionTimestamp']) !== undefined,
      );
      return isOurs ? [] : [`S3 ${uuid} was released at ${formatInstant(at)} for no object that is being deleted`];
    });
}

/** S4: an object goes only after its servers, and none comes after it. */
function departures(sim: Simulation, changes: readonly Change[], owned: readonly Owned[]): readonly string[] {
  return changes
    .filter(({ verb, object }) => verb === 'delete' && !sim.abandoned.has(uidOf(object)))
    .flatMap(({ object, at }) =>
      owned
        .filter(({ uid, life }) => uid === uidOf(object) && (life.endedAt ?? Infinity) > at)
        .map(({ uid, life }) => `S4 object ${uid} went at ${formatInstant(at)} while server ${life.uuid} lived`),
    );
}

/** Settling a delayed order, several restarts, and the release itself. */
const TAIL = minutes(30);

/** S5: a server is paid for no longer than its object is wanted, and a bounded tail. */
function costs(sim: Simulation, changes: readonly Change[], owned: readonly Owned[]): readonly string[] {
  const unwantedAt = new Map<string, Instant>();
  for (const { object, at, verb } of changes) {
    const isGoing = verb === 'delete' || textOf(fieldsOf(object['metadata'])['deletionTimestamp']) !== undefined;
    if (isGoing && !unwantedAt.has(uidOf(object))) unwantedAt.set(uidOf(object), at);
  }
  const now = sim.clock.now();
  return owned.flatMap(({ uid, life }) => {
    const since = unwantedAt.get(uid);
    const paidFor = Math.min(liveUntil(life), now) - (since ?? Infinity);
    return since === undefined || paidFor <= TAIL + sim.outage || sim.abandoned.has(uid)
      ? []
      : [`S5 server ${life.uuid} was paid for ${Math.round(paidFor / 60_000)} min after its object was deleted`];
  });
}

/** S6: no secret in logs, events, objects and metrics. */
function leaks(sim: Simulation, changes: readonly Change[], metrics: readonly string[]): readonly string[] {
  const events = sim.api.history.filter(({ resource }) => resource.startsWith('events'));
  const places: readonly (readonly [string, readonly string[]])[] = [
    ['the log', sim.logLines],
    ['the metrics', metrics],
    ['an event', events.map(({ object }) => JSON.stringify(object))],
    ['an object', changes.map(({ object }) => JSON.stringify([object['metadata'] ?? {}, object['status'] ?? {}]))],
  ];
  return places.flatMap(([where, texts]) =>
    CANARY_TEXTS.filter((canary) => texts.some((text) => text.includes(canary))).map(
      (canary) => `S6 a secret (${canary.slice(0, 12)}…) stands in ${where}`,
    ),
  );
}

/** L3: without its object no server lives. */
function leftovers(sim: Simulation, owned: readonly Owned[]): readonly string[] {
  const living = new Set(sim.objects().map(uidOf));
  return owned
    .filter(({ uid, life }) => liveUntil(life) === Infinity && !living.has(uid) && !sim.abandoned.has(uid))
    .map(({ uid, life }) => `L3 server ${life.uuid} of ${uid} lives on without its object`);
}

const uidOf = (object: JsonObject): string => textOf(fieldsOf(object['metadata'])['uid']) ?? '';

const statusEntry = (object: JsonObject): JsonObject => fieldsOf(fieldsOf(object['status'])['order']);

const annotationEntry = (object: JsonObject): JsonObject =>
  fieldsOf(parseJson(textOf(fieldsOf(fieldsOf(object['metadata'])['annotations'])[ANNOTATION.order]) ?? '{}'));
