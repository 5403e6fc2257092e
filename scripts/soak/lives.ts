import { readMarks } from '../../src/resources/names.ts';
import type { HistoryEntry } from './vendor.ts';

/** One server from its order to its end. Times are Unix milliseconds. */
export interface Life {
  readonly uuid: string;
  readonly orderedAt: number;
  /** Objects whose tag it ever carried. Empty: somebody else's server. */
  readonly uids: readonly string[];
  /** When it went on its way out, or failed; undefined: it is live. */
  readonly endedAt: number | undefined;
  /** How that came: a request to release it, the delivery (it failed), or somebody behind the operator's back. */
  readonly endedBy: 'request' | 'delivery' | 'admin' | undefined;
}

const ENDS: ReadonlySet<string> = new Set(['releasing', 'released', 'failed']);

/** Every server that ever was, in the order of ordering. */
export function livesOf(history: readonly HistoryEntry[]): readonly Life[] {
  const lives = new Map<string, Life>();
  for (const entry of history) {
    if (entry.kind === 'ordered') lives.set(entry.uuid, bornOf(entry));
    if (entry.kind === 'tags')
      change(lives, entry.uuid, (life) => ({ ...life, uids: union(life.uids, uidsOf(entry.tags)) }));
    if (entry.kind === 'status' && ENDS.has(entry.to))
      change(lives, entry.uuid, (life) =>
        life.endedAt === undefined ? { ...life, endedAt: entry.at, endedBy: entry.cause.kind } : life,
      );
  }
  return [...lives.values()];
}

const bornOf = ({ uuid, at, tags }: Extract<HistoryEntry, { kind: 'ordered' }>): Life => ({
  uuid,
  orderedAt: at,
  uids: uidsOf(tags),
  endedAt: undefined,
  endedBy: undefined,
});

function change(lives: Map<string, Life>, uuid: string, how: (life: Life) => Life): void {
  const life = lives.get(uuid);
  if (life !== undefined) lives.set(uuid, how(life));
}

const uidsOf = (tags: readonly string[]): readonly string[] => readMarks(tags).uids;

const union = (left: readonly string[], right: readonly string[]): readonly string[] => [
  ...new Set([...left, ...right]),
];

/** The most servers that were live at one moment. */
export function liveMost(lives: readonly Life[]): number {
  const steps = lives
    .flatMap(({ orderedAt, endedAt }) => [
      { at: orderedAt, by: 1 },
      ...(endedAt === undefined ? [] : [{ at: endedAt, by: -1 }]),
    ])
    .toSorted((left, right) => left.at - right.at || left.by - right.by);
  let [live, most] = [0, 0];
  for (const { by } of steps) {
    live += by;
    most = Math.max(most, live);
  }
  return most;
}
