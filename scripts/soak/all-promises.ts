import { readFileSync } from 'node:fs';
import { unexplained } from './calm.ts';
import type { Keeper } from './keeper.ts';
import type { Life } from './lives.ts';
import type { ServerObject } from './objects.ts';
import type { ObjectRecord } from './promises.ts';
import { historyPromises, promise } from './promises.ts';
import type { PromiseKept, Rest, Trend } from './result.ts';
import type { Sample } from './sample.ts';
import type { Users } from './users.ts';
import type { HistoryEntry } from './vendor.ts';

/** Everything that a soak has seen. */
export interface Seen {
  readonly history: readonly HistoryEntry[];
  readonly lives: readonly Life[];
  /** When the storm was over and all had come to rest. */
  readonly calmLives: readonly Life[];
  readonly settledObjects: readonly ServerObject[];
  /** Sentences about objects that did not come to rest, and about those that did not go. */
  readonly unsettled: readonly string[];
  readonly leftover: readonly string[];
  readonly objects: ReadonlyMap<string, ObjectRecord>;
  readonly samples: readonly Sample[];
  readonly trends: readonly Trend[];
  readonly atRest: { readonly first: Rest; readonly last: Rest };
  readonly users: Pick<Users, 'complaints'>;
  readonly keeper: Pick<Keeper, 'unexpected' | 'logs'>;
  readonly exitCode: number | null;
  readonly tokens: readonly string[];
}

/** A connection or two may just be open when it is looked. */
const HANDLES_MORE = 3;

export function allPromises(seen: Seen): readonly PromiseKept[] {
  const { objects, settledObjects, calmLives, unsettled, leftover, keeper, users, samples, exitCode } = seen;
  return [
    ...historyPromises(seen.history, seen.lives, objects),
    said('every object comes to rest when the storm is over', settledObjects.length, unsettled),
    promise('an object at rest is Ready, or its server was lost or has failed', settledObjects, (object) =>
      unexplained(object, calmLives),
    ),
    said('every deleted object goes, and its finalizer with it', objects.size, leftover),
    said('no user is refused what should be allowed', objects.size, users.complaints),
    said('the operator ends by itself only when it has lost its Lease', keeper.logs.length, keeper.unexpected),
    promise('no pass ends in an exception', samples, ({ passErrors, at }) =>
      passErrors === 0 ? undefined : `${passErrors} passes had failed after ${Math.round(at / 1_000)} s`,
    ),
    promise('SIGTERM ends it with 0', [exitCode], (code) => (code === 0 ? undefined : `it ended with ${code}`)),
    noTokens(keeper.logs, seen.tokens),
    promise('memory and handles do not grow', seen.trends, ({ verdict, what, slopePerHour, unit }) =>
      verdict === 'growing' ? `${what}: ${slopePerHour.toFixed(1)} ${unit} an hour` : undefined,
    ),
    sameAtRest(seen.atRest),
  ];
}

const said = (text: string, checked: number, sentences: readonly string[]): PromiseKept => {
  const broken = promise(text, sentences, (sentence) => sentence).broken;
  return { promise: text, checked, broken };
};

function noTokens(logs: readonly string[], tokens: readonly string[]): PromiseKept {
  return promise('no token is in a log', logs, (log) => {
    const text = readFileSync(log, 'utf8');
    return tokens.some((token) => text.includes(token.trim())) ? `${log} holds a token` : undefined;
  });
}

function sameAtRest({ first, last }: Seen['atRest']): PromiseKept {
  return promise(
    'without objects it holds no more at the end than at the start',
    ['fileDescriptors', 'sockets', 'timers'] as const,
    (what) =>
      last[what] > first[what] + HANDLES_MORE ? `${what}: ${first[what]} first, ${last[what]} last` : undefined,
  );
}
