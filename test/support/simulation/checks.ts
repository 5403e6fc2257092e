import type { Instant } from '../../../src/base/time.ts';
import { formatInstant, minutes, seconds, since } from '../../../src/base/time.ts';
import { readMarks } from '../../../src/resources/names.ts';
import type { ServerLife } from '../../../src/simulator/retrospect.ts';
import { fieldsOf, parseJson, textOf } from '../api-server/json.ts';
import type { JsonObject } from '../api-server/json.ts';
import { CANARY_TEXTS } from './canaries.ts';
import type { ObjectLife } from './objects-over-time.ts';
import {
  allowsRelease,
  annotationEntry,
  entriesOf,
  isBeingDeleted,
  isForgotten,
  isPaused,
  isProtected,
  isRetained,
  letGoAt,
  objectLives,
  statesBetween,
  statusEntry,
  uidOf,
} from './objects-over-time.ts';
import type { Simulation } from './simulation.ts';
import { conditionOf } from './simulation.ts';

/** How often the operator's processes changed something, or tried to, but for the Lease. */
export interface Mutations {
  readonly kube: number;
  readonly vendor: number;
  /** Those of the vendor's that were orders and were refused. */
  readonly refusedOrders: number;
  /** Calls to the vendor that only read. */
  readonly reads: number;
  readonly at: Instant;
}

export function mutationsOf({ api, world, clock }: Simulation): Mutations {
  const kube = api.traffic
    .rows()
    .filter(
      ({ client, resource, verb }) =>
        client.startsWith('operator-') && !resource.startsWith('leases') && !READS.has(verb),
    )
    .reduce((sum, { requests }) => sum + requests, 0);
  const vendor = world.history.filter(({ kind }) => kind === 'request').length;
  const refusedOrders = world.orders().filter(({ status }) => status !== undefined && status >= 400).length;
  const reads = Object.entries(world.calls())
    .filter(([call]) => call.startsWith('GET '))
    .reduce((sum, [, calls]) => sum + calls, 0);
  return { kube, vendor, refusedOrders, reads, at: clock.now() };
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** Every promise of the design's section 9 that the run broke, each as a sentence that begins with its number. */
export function check(
  sim: Simulation,
  quiet: { readonly before: Mutations; readonly after: Mutations },
  metrics: readonly string[],
): readonly string[] {
  const objects = objectLives(sim.api);
  const owned = ownedServers(sim, objects);
  return [
    ...oneServer(sim, owned),
    ...orders(sim, objects),
    ...releases(sim, objects),
    ...departures(sim, owned),
    ...costs(sim, owned),
    ...leaks(sim, metrics),
    ...sim.mishaps.map((mishap) => `L1 ${mishap}`),
    ...bugs(sim),
    ...unrest(quiet.before, quiet.after),
    ...haste(sim, quiet.before, quiet.after),
    ...leftovers(sim, owned),
  ];
}

/** A server that carries an object's uid, or once did. */
export interface Owned {
  readonly object: ObjectLife;
  readonly life: ServerLife;
  /** From when on it is not the object's business any more, by a person's word. */
  readonly letGo: number;
  /** It costs the object money until then: released, failed, or let go. */
  readonly until: number;
}

export function ownedServers({ world }: Simulation, objects: readonly ObjectLife[]): readonly Owned[] {
  return world.lives().flatMap((life) => {
    const uids: readonly string[] = readMarks(life.tagsEver).uids;
    return objects
      .filter(({ uid }) => uids.includes(uid))
      .map((object) => {
        const letGo = letGoAt(object, life.uuid);
        return { object, life, letGo, until: Math.min(liveUntil(life), letGo) };
      });
  });
}

const liveUntil = (life: ServerLife): number => Math.min(life.releasingAt ?? Infinity, life.endedAt ?? Infinity);

/** S1: at most one live server per object at every instant, of those that the operator ordered. */
function oneServer({ strangers }: Simulation, owned: readonly Owned[]): readonly string[] {
  const ordered = owned.filter(({ life }) => !strangers.has(life.uuid));
  return ordered.flatMap(({ object, life, until }, index) =>
    ordered
      .slice(index + 1)
      .filter((other) => other.object === object)
      .filter((other) => life.orderedAt < other.until && other.life.orderedAt < until)
      .map((other) => `S1 two servers live at once for ${object.uid}: ${life.uuid} and ${other.life.uuid}`),
  );
}

/**
 * S2: each intent is sent once, and no order goes out without it: when the order left, annotation and status held its attempt as
 * open, the finalizer was on the object, and the object was neither deleted nor paused.
 */
function orders(sim: Simulation, objects: readonly ObjectLife[]): readonly string[] {
  const sent = new Set<string>();
  return sim.world
    .orders()
    .filter(({ uuid }) => uuid === undefined || !sim.strangers.has(uuid))
    .flatMap(({ tags, at, requestId }) => {
      const { uids, attempts } = readMarks(tags);
      const attempt = attempts[0] ?? '';
      const object = objects.find(({ uid }) => uid === uids[0]);
      const again = sent.has(attempt) ? [`S2 attempt ${attempt} was sent twice (${requestId})`] : [];
      sent.add(attempt);
      const isFounded = moments(sim, `POST ${SERVERS}`, at).some(
        ({ from, until }) =>
          object !== undefined && statesBetween(object, from, until).some((state) => mayOrder(state.object, attempt)),
      );
      if (isFounded) return again;
      return [...again, `S2 order ${requestId} (attempt ${attempt}) went out without an intent in both places`];
    });
}

const SERVERS = '/v3/flexMetal/servers';

const mayOrder = (object: JsonObject, attempt: string): boolean =>
  [annotationEntry(object), statusEntry(object)].every(
    (entry) => entry['attempt'] === attempt && entry['outcome'] === 'open',
  ) &&
  !isBeingDeleted(object) &&
  !isPaused(object);

/** The last check before a call reads the object live; the call leaves right after it. */
const CHECKED_WITHIN = seconds(3);
/** So long a call takes to the vendor, and then some. */
const ARRIVES_WITHIN = seconds(1);

/** When a call that came to the vendor may have been checked for the last time: right before it left, whatever held it up since. */
function moments(
  { effects }: Simulation,
  call: string,
  arrivedAt: number,
): readonly { readonly from: number; readonly until: number }[] {
  return effects.seen
    .filter(({ label, at }) => label === `vendor ${call}` && at <= arrivedAt)
    .filter(({ at, fault }) => arrivedAt - at <= ARRIVES_WITHIN || HELD_UP.has(fault ?? ''))
    .map(({ at }) => ({ from: at - CHECKED_WITHIN, until: at }));
}

const HELD_UP: ReadonlySet<string> = new Set([
  'delayed',
  'delayedToEdge',
  'delayedPastWindow',
  'frozen',
  'frozenPastWindow',
]);

/**
 * S3: a server is released only for an object whose tag it carries alone or in whose ledger the order's reply put it, and which
 * is being deleted, not paused, protected or retained, and was not told to leave it alone; or a person answered to release it.
 */
function releases(sim: Simulation, objects: readonly ObjectLife[]): readonly string[] {
  return sim.world.history
    .filter((entry) => entry.kind === 'request')
    .filter((entry) => entry.operation === 'deleteFlexMetalServer')
    .flatMap(({ path, at }) => {
      const uuid = path.split('/').at(-1) ?? '';
      const isRight = moments(sim, `DELETE ${path}`, at).some(({ from, until }) =>
        objects.some((object) =>
          statesBetween(object, from, until).some(
            (state) => isOwner(sim, state.object, uuid, from, until) && mayRelease(state.object, uuid),
          ),
        ),
      );
      return isRight ? [] : [`S3 ${uuid} was released at ${formatInstant(at)} although no object was to release it`];
    });
}

const mayRelease = (object: JsonObject, uuid: string): boolean =>
  !isPaused(object) &&
  !isForgotten(object, uuid) &&
  (allowsRelease(object, uuid) || (isBeingDeleted(object) && !isProtected(object) && !isRetained(object)));

function isOwner(sim: Simulation, object: JsonObject, uuid: string, from: number, until: number): boolean {
  const uid = uidOf(object);
  const byReply = entriesOf(object).some((entry) => entry['serverUuid'] === uuid && entry['proof'] === 'reply');
  return tagsBetween(sim, uuid, from, until).some((tags) => {
    const uids: readonly string[] = readMarks(tags).uids;
    return uids.every((known) => known === uid) && (uids.length > 0 || byReply);
  });
}

/** Every set of tags that the server had at some instant between the two. */
function tagsBetween({ world }: Simulation, uuid: string, from: number, until: number): readonly (readonly string[])[] {
  const sets = world.history
    .filter((entry) => entry.kind === 'ordered' || entry.kind === 'tags')
    .filter((entry) => entry.uuid === uuid && entry.at <= until);
  return sets.filter((_, index) => (sets[index + 1]?.at ?? Infinity) >= from).map(({ tags }) => tags);
}

/** S4: an object goes only after its servers, and none comes after it. */
function departures({ abandoned }: Simulation, owned: readonly Owned[]): readonly string[] {
  return owned.flatMap(({ object: { uid, goneAt }, life, letGo }) => {
    if (goneAt === undefined || abandoned.has(uid)) return [];
    const isOver = Math.min(life.endedAt ?? Infinity, letGo) <= goneAt;
    return isOver ? [] : [`S4 object ${uid} went at ${formatInstant(goneAt)} while server ${life.uuid} lived`];
  });
}

/** Settling a delayed order, several restarts, and the release itself. */
const TAIL = minutes(30);

/** S5: a server is paid for no longer than its object is wanted, and a bounded tail. What a person holds back is wanted. */
function costs(sim: Simulation, owned: readonly Owned[]): readonly string[] {
  const now = sim.clock.now();
  return owned.flatMap(({ object, life, until }) => {
    if (sim.abandoned.has(object.uid)) return [];
    const end = Math.min(until, now);
    const unwanted = unwantedTimes(object)
      .map(({ from, until: to }) => Math.min(to, end) - Math.max(from, life.orderedAt))
      .reduce((sum, length) => sum + Math.max(0, length), 0);
    if (unwanted <= TAIL + sim.outage) return [];
    return [`S5 server ${life.uuid} was paid for ${Math.round(unwanted / 60_000)} min while nobody wanted it`];
  });
}

function unwantedTimes({ states, goneAt }: ObjectLife): readonly { readonly from: number; readonly until: number }[] {
  const going = states.filter(
    ({ object }) => isBeingDeleted(object) && !isPaused(object) && !isProtected(object) && !isRetained(object),
  );
  return goneAt === undefined ? going : [...going, { from: goneAt, until: Infinity }];
}

/** S6: no secret in logs, events, objects and metrics. */
function leaks({ api, logLines }: Simulation, metrics: readonly string[]): readonly string[] {
  const objects = api.history.filter(({ resource }) => !resource.startsWith('secrets'));
  const places: readonly (readonly [string, readonly string[]])[] = [
    ['the log', logLines],
    ['the metrics', metrics],
    ['an object or event', objects.map(({ object }) => JSON.stringify(object))],
  ];
  return places.flatMap(([where, texts]) =>
    CANARY_TEXTS.filter((canary) => texts.some((text) => text.includes(canary))).map(
      (canary) => `S6 a secret (${canary.slice(0, 12)}…) stands in ${where}`,
    ),
  );
}

/** L1: no look at an object ends in a bug, whatever goes wrong around it. */
const bugs = ({ logLines }: Simulation): readonly string[] =>
  logLines
    .filter((line) => line.includes('"msg":"pass failed"'))
    .map((line) => `L1 a pass failed: ${textOf(fieldsOf(fieldsOf(parseJson(line))['err'])['message']) ?? line}`);

/** A refused order is tried again after ever longer pauses: so often in the quiet time, with so many writes each. */
const RETRIES_MAX = 2;
const WRITES_PER_RETRY = 8;

/** L2: when all is in place nothing is written any more; only what the vendor refuses is asked for again, now and then. */
function unrest(before: Mutations, after: Mutations): readonly string[] {
  const retries = after.refusedOrders - before.refusedOrders;
  const isQuiet =
    retries <= RETRIES_MAX &&
    after.vendor - before.vendor <= retries &&
    after.kube - before.kube <= retries * WRITES_PER_RETRY;
  return isQuiet ? [] : [`L2 there is no rest: writes went from ${JSON.stringify(before)} to ${JSON.stringify(after)}`];
}

/** The quicker of the poller's rhythms, the rows of a page where a scenario says nothing else, and how many of them are asked for again. */
const POLL = seconds(15);
const PAGE = 100;
const OVERLAP = 5;

/** L2: and nobody reads more than the poller's rhythm takes, with as much again for looks at single servers. */
function haste({ world, settings }: Simulation, before: Mutations, after: Mutations): readonly string[] {
  const length = since(before.at, after.at);
  const newRows = Math.max(1, (settings.pageSize ?? PAGE) - OVERLAP);
  const pages = 1 + Math.ceil(world.lives().length / newRows);
  const most = 2 * pages * (length / POLL + 2);
  const reads = after.reads - before.reads;
  return reads <= most
    ? []
    : [`L2 the vendor was asked ${reads} times in ${Math.round(length / minutes(1))} min of rest`];
}

/** L3: without its object no server lives, and an object that is Ready knows each live server of its own. */
function leftovers(sim: Simulation, owned: readonly Owned[]): readonly string[] {
  return owned
    .filter(({ object, until }) => until === Infinity && !sim.abandoned.has(object.uid))
    .flatMap(({ object: { uid, states, goneAt }, life }) => {
      if (goneAt !== undefined) return [`L3 server ${life.uuid} of ${uid} lives on without its object`];
      const last = states.at(-1)?.object;
      const isKnown =
        last === undefined ||
        conditionOf(last, 'Ready')['status'] !== 'True' ||
        entriesOf(last).some((entry) => entry['serverUuid'] === life.uuid) ||
        !life.tags.includes(`flexmetal-uid:${uid}`);
      return isKnown ? [] : [`L3 ${uid} is Ready and knows nothing of its live server ${life.uuid}`];
    });
}
