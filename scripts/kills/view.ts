import * as z from 'zod';
import { readMarks } from '../../src/resources/names.ts';
import type { OrderSeen, ServerLife } from '../../src/simulator/retrospect.ts';

/** How a run looks at one moment, to its user and past the API. */
export interface View {
  /** Undefined when it is not there. */
  readonly object: ObjectView | undefined;
  /** Orders that arrived, whatever became of them. */
  readonly orders: number;
  /** Servers ordered, and neither being released nor gone nor failed. */
  readonly live: readonly ServerLife[];
  /** Every server of the run. */
  readonly lives: readonly ServerLife[];
}

interface ObjectView {
  readonly uid: string;
  readonly phase: string | undefined;
  /** Of the condition Ready. */
  readonly ready: string | undefined;
  readonly reason: string | undefined;
  readonly outcome: string | undefined;
  readonly attempts: number;
  readonly everUnclear: boolean;
  readonly serverUuid: string | undefined;
}

/** @param object as the API server has it; undefined when there is none */
export function viewOf(object: unknown, lives: readonly ServerLife[], orders: readonly OrderSeen[]): View {
  return {
    object: object === undefined ? undefined : objectView(object),
    orders: orders.length,
    live: lives.filter(({ releasingAt, endedAt }) => releasingAt === undefined && endedAt === undefined),
    lives,
  };
}

const ServerObject = z.object({
  metadata: z.object({ uid: z.string() }),
  status: z
    .object({
      phase: z.string().optional(),
      serverUuid: z.string().optional(),
      conditions: z.array(z.object({ type: z.string(), status: z.string(), reason: z.string() })).optional(),
      order: z.object({ outcome: z.string(), attempts: z.number(), everUnclear: z.boolean().optional() }).optional(),
    })
    .optional(),
});

function objectView(object: unknown): ObjectView {
  const { metadata, status } = ServerObject.parse(object);
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    uid: metadata.uid,
    phase: status?.phase,
    ready: ready?.status,
    reason: ready?.reason,
    outcome: status?.order?.outcome,
    attempts: status?.order?.attempts ?? 0,
    everUnclear: status?.order?.everUnclear ?? false,
    serverUuid: status?.serverUuid,
  };
}

/** Where a run came to rest, without what differs between any two runs. */
export interface EndState {
  readonly object: 'gone' | Omit<ObjectView, 'uid' | 'serverUuid'>;
  /** Whether status names the one live server. */
  readonly namesItsServer: boolean;
  readonly orders: number;
  readonly serversLive: number;
  readonly serversEnded: number;
  /** Of the live servers, sorted, with `{id}` for uid and attempt. */
  readonly tags: readonly string[];
}

export function endStateOf({ object, orders, live, lives }: View): EndState {
  return {
    object: object === undefined ? 'gone' : withoutIds(object),
    namesItsServer: live.length === 1 && live[0]?.uuid === object?.serverUuid,
    orders,
    serversLive: live.length,
    serversEnded: lives.length - live.length,
    tags: live.flatMap(({ tags }) => tags.map(withoutId)).sort(),
  };
}

const withoutIds = ({
  uid: _uid,
  serverUuid: _serverUuid,
  ...rest
}: ObjectView): Omit<ObjectView, 'uid' | 'serverUuid'> => rest;

/** Cluster, object, attempt and uid are of one run; that they are there is of all. */
const withoutId = (tag: string): string => tag.replace(/^(flexmetal-(?:cluster|uid|attempt|object):).*$/, '$1{id}');

/** What differs, a phrase each; empty when both are the same. */
export function differencesOf(real: EndState, simulated: EndState): readonly string[] {
  const facts = (state: EndState): ReadonlyMap<string, string> =>
    new Map(Object.entries(state).map(([name, value]) => [name, JSON.stringify(value)]));
  const other = facts(simulated);
  return [...facts(real)]
    .filter(([name, value]) => other.get(name) !== value)
    .map(([name, value]) => `${name} is ${value}, and in the simulation ${other.get(name)}`);
}

/**
 * Without what hangs on which of two living processes came first: that is chance, in a real run and in a simulated one.
 * An intent that the other process finds counts as sent, and costs an attempt; an attempt may be an order that was refused.
 */
export const withoutRace = (state: EndState): EndState => ({
  ...state,
  object: state.object === 'gone' ? 'gone' : { ...state.object, attempts: 0, everUnclear: false },
  orders: 0,
});

/** Pairs of servers that were live at one instant for one object. */
export function doublesAmong(lives: readonly ServerLife[]): readonly string[] {
  const owned = lives.flatMap((life) => readMarks(life.tagsEver).uids.map((uid) => ({ uid, life })));
  return owned.flatMap(({ uid, life }, index) =>
    owned
      .slice(index + 1)
      .filter((other) => other.uid === uid && other.life.uuid !== life.uuid)
      .filter(({ life: other }) => life.orderedAt < liveUntil(other) && other.orderedAt < liveUntil(life))
      .map(({ life: other }) => `${life.uuid} and ${other.uuid} lived at once for ${uid}`),
  );
}

const liveUntil = ({ releasingAt, endedAt }: ServerLife): number =>
  Math.min(releasingAt ?? Infinity, endedAt ?? Infinity);
