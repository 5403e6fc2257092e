import type { Instant, Millis } from '../../../src/base/time.ts';
import { formatInstant, minutes, parseInstant, seconds } from '../../../src/base/time.ts';
import type { ServerLife } from '../../../src/simulator/retrospect.ts';
import { fieldsOf, isList, parseJson, textOf } from '../api-server/json.ts';
import type { Owned } from './checks.ts';
import { ownedServers } from './checks.ts';
import { objectLives } from './objects-over-time.ts';
import type { FaultName, PlannedFault } from './plan.ts';
import type { Simulation } from './simulation.ts';
import { conditionOf } from './simulation.ts';
import { CLOCK_JUMP } from './surroundings.ts';

/** How a run ended in which more was allowed than one server for each object. */
export type Ending = 'oneServer' | 'duplicate' | 'orphan';

export interface BeyondResult {
  readonly ending: Ending;
  readonly violations: readonly string[];
}

/**
 * What the design promises of a run beyond its class: a second server is named, as a duplicate or as an orphan, with the next
 * complete list, and nothing is released by itself. A run that came to no second server must keep all promises.
 * @param broken what `check` found
 */
export function checkBeyond(sim: Simulation, faults: readonly PlannedFault[], broken: readonly string[]): BeyondResult {
  const owned = ownedServers(sim, objectLives(sim.api));
  const excess = [...duplicatesOf(sim, owned), ...orphansOf(sim, owned)];
  // A server of an attempt that was given up counts as one too many while a later attempt has no clear answer.
  const isBlocked = sim.objects().some((object) => conditionOf(object, 'Ready')['reason'] === 'DuplicateServers');
  if (excess.length === 0 && !isBlocked) {
    const hadToWait = wasBlocked(sim);
    return { ending: 'oneServer', violations: broken.filter((violation) => !(hadToWait && isWaitOfScript(violation))) };
  }
  const notices = noticesOf(sim);
  const within = (faults.length > 1 ? ONE_POLL + ANOTHER_FAULT : ONE_POLL) + sim.outage;
  // Log lines carry the process's own time.
  const clockError = faults.some((fault) => WRONG_CLOCKS.includes(fault.do)) ? CLOCK_JUMP : 0;
  const silent = excess.filter(({ server, since, until, isInSight }) => {
    if (!isInSight) return false;
    const due = since + within;
    const heardBy = due + clockError;
    return until > due && !notices.some((notice) => notice.servers.includes(server.uuid) && notice.at <= heardBy);
  });
  const ending = isBlocked || excess.some(({ kind }) => kind === 'duplicate') ? 'duplicate' : 'orphan';
  return {
    ending,
    violations: [
      ...broken.filter((violation) => !isForgiven(violation)),
      ...silent.map(
        ({ kind, server, since }) =>
          `B1 ${kind} ${server.uuid} was there at ${formatInstant(since)} and not named within ${within / 1_000} s`,
      ),
    ],
  };
}

/** The rules that a second server breaks by being there. All others hold whatever happens: above all S3, nothing is released by itself. */
const FORGIVEN: readonly string[] = ['S1', 'S4', 'S5', 'L3'];
/** What `run` waits for when the script has ended. */
export const END_OF_RUN = 'every object is gone or in one of';
/** The user waits in vain for what a person has to settle now. */
const VAIN = 'waited in vain';

const isForgiven = (violation: string): boolean => FORGIVEN.includes(violation.slice(0, 2)) || isInVain(violation);
const isInVain = (violation: string): boolean => violation.startsWith('L1') && violation.includes(VAIN);

/** While a former attempt's server and an open attempt stood side by side, the object waited for a person's word, or for the window's end. */
const wasBlocked = (sim: Simulation): boolean =>
  sim.api.history.some(({ object }) => conditionOf(object, 'Ready')['reason'] === 'DuplicateServers');
/** The script had less patience than that; at the end of the run all must be as wanted even so. */
const isWaitOfScript = (violation: string): boolean => isInVain(violation) && !violation.includes(END_OF_RUN);

/** One poll while all is still, and the lag of the lists. */
const ONE_POLL: Millis = seconds(60 + 20 + 5);
/** A second fault may take the process, the lists or their freshness away for so long. */
const ANOTHER_FAULT: Millis = minutes(5);
const WRONG_CLOCKS: readonly FaultName[] = ['clockForward', 'clockBack'];

interface Excess {
  readonly kind: 'duplicate' | 'orphan';
  readonly server: ServerLife;
  readonly since: Instant;
  readonly until: number;
  /** False: the other one is in another account, and one token shows one account. */
  readonly isInSight: boolean;
}

function duplicatesOf(sim: Simulation, owned: readonly Owned[]): readonly Excess[] {
  // What the script ordered at the vendor's own portal is its doing.
  const ordered = owned.filter(({ life }) => !sim.strangers.has(life.uuid));
  return ordered.flatMap(({ object, life, until }) => {
    const other = ordered.find(
      (candidate) =>
        candidate.object === object &&
        candidate.life !== life &&
        candidate.life.orderedAt <= life.orderedAt &&
        candidate.until > life.orderedAt,
    );
    if (other === undefined) return [];
    const isInSight = other.life.account === life.account;
    const both = Math.min(until, other.until);
    return [{ kind: 'duplicate' as const, server: life, since: life.orderedAt, until: both, isInSight }];
  });
}

/** Servers that live on without their object; what the script left on purpose does not count, nor what another object took over. */
function orphansOf(sim: Simulation, owned: readonly Owned[]): readonly Excess[] {
  return owned.flatMap(({ object: { uid, goneAt }, life, until }) => {
    if (goneAt === undefined || sim.abandoned.has(uid) || until <= goneAt) return [];
    if (owned.some((other) => other.life === life && other.object.goneAt === undefined)) return [];
    const since = goneAt > life.orderedAt ? goneAt : life.orderedAt;
    return [{ kind: 'orphan' as const, server: life, since, until, isInSight: true }];
  });
}

interface Notice {
  readonly at: Instant;
  readonly servers: readonly string[];
}

/** What the log says of a server that is one too many; of a deleted object all servers are released, so that says it too. */
const NAMING = ['duplicateServers', 'orphanSeen', 'releaseSent', 'releaseRefused'].map(
  (name) => `"happening":"${name}"`,
);

/** When duplicates and orphans were named: in the log, as in Events and metrics, or in the message of an object that a person holds. */
const noticesOf = (sim: Simulation): readonly Notice[] => [
  ...sim.logLines
    .filter((line) => NAMING.some((happening) => line.includes(happening)))
    .flatMap((line) => {
      const { time, servers, server } = fieldsOf(parseJson(line));
      const at = parseInstant(textOf(time) ?? '');
      const named = isList(servers) ? servers.map((uuid) => textOf(uuid) ?? '') : [textOf(server) ?? ''];
      return at === undefined ? [] : [{ at, servers: named }];
    }),
  ...sim.api.history.flatMap(({ object, at }) => {
    const { reason, message } = conditionOf(object, 'Ready');
    return HELD.has(textOf(reason) ?? '') ? [{ at, servers: (textOf(message) ?? '').match(UUIDS) ?? [] }] : [];
  }),
];

/** Held by a person's word: what there is stands in the message. */
const HELD: ReadonlySet<string> = new Set(['Protected', 'Paused']);
const UUIDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
