import { setTimeout as delay } from 'node:timers/promises';
import { ANNOTATION } from '../../src/resources/names.ts';
import type { Fleet } from './fleet.ts';
import type { Life } from './lives.ts';
import type { ServerObject } from './objects.ts';
import { isReady, messageOf, reasonOf } from './objects.ts';
import { countBy } from './tally.ts';
import type { Users } from './users.ts';

const LOOK_MS = 3_000;
/** A person who has answered looks what comes of it. */
const ANSWER_EVERY_MS = 60_000;
/** What a lost or failed server leaves behind until a person says what to do. */
const STANDING: ReadonlySet<string> = new Set(['Lost', 'ProvisioningFailed']);

/** Those who look after the objects when the storm is over, and what they look at. */
export interface Attended {
  readonly fleet: Fleet;
  readonly users: Users;
  /** What a person finds at the vendor's own console. */
  readonly lives: () => Promise<readonly Life[]>;
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
}

/**
 * Waits until nothing is under way any more. What waits for a user gets its answer: paused objects are resumed, blocked ones answered.
 * @returns sentences about the objects that did not come to rest in time
 */
export async function settle({ fleet, users, lives, timeoutMs, log }: Attended): Promise<readonly string[]> {
  const deadline = performance.now() + timeoutMs;
  for (let answeredAt = -Infinity; ;) {
    await fleet.look();
    const moving = fleet.objects.filter(isMoving);
    if (moving.length === 0) return [];
    if (performance.now() > deadline) return moving.map(describe);
    for (const object of fleet.objects.filter(isPaused)) await users.resume(object);
    if (performance.now() - answeredAt > ANSWER_EVERY_MS) {
      answeredAt = performance.now();
      log(`not yet at rest: ${reasonsOf(moving)}`);
      for (const object of moving.filter((one) => reasonOf(one) === 'OrderRefused')) await users.correct(object);
      await answerAccountChanged(moving, users, lives);
    }
    await delay(LOOK_MS);
  }
}

/** Deletes everything and waits until it is gone. @returns sentences about the objects that are left after that time */
export async function deleteAll({ fleet, users, lives, timeoutMs, log }: Attended): Promise<readonly string[]> {
  const deadline = performance.now() + timeoutMs;
  for (let answeredAt = performance.now(); ;) {
    await fleet.look();
    if (fleet.objects.length === 0) return [];
    if (performance.now() > deadline) return fleet.objects.map(describe);
    for (const object of fleet.wanted) await users.delete(object);
    if (performance.now() - answeredAt > ANSWER_EVERY_MS) {
      answeredAt = performance.now();
      log(`not yet gone: ${reasonsOf(fleet.objects)}`);
      await answerAccountChanged(fleet.objects, users, lives);
    }
    await delay(LOOK_MS);
  }
}

/**
 * An order was made with a former token, and no other object's server is left by which the operator could tell that the new token opens
 * the same account. It asks a person, who looks at the vendor: no server of the object there, so no harm in going on.
 */
async function answerAccountChanged(
  objects: readonly ServerObject[],
  users: Users,
  lives: Attended['lives'],
): Promise<void> {
  const blocked = objects.filter((object) => reasonOf(object) === 'AccountChanged');
  if (blocked.length === 0) return;
  const live = new Set((await lives()).filter(({ endedAt }) => endedAt === undefined).flatMap(({ uids }) => uids));
  for (const object of blocked.filter(({ metadata }) => !live.has(metadata.uid))) await users.sayNoServer(object);
}

/** Why an object that rests and is not Ready is so; undefined when what happened to its server explains it. */
export function unexplained(object: ServerObject, lives: readonly Life[]): string | undefined {
  if (isReady(object)) return undefined;
  const ends = lives.filter(({ uids }) => uids.includes(object.metadata.uid)).map(({ endedBy }) => endedBy);
  const explained = {
    ProvisioningFailed: ends.includes('delivery'),
    // What has failed leaves the lists after some time.
    Lost: ends.includes('admin') || ends.includes('delivery'),
  };
  const reason = reasonOf(object);
  return (reason === 'Lost' || reason === 'ProvisioningFailed') && explained[reason] ? undefined : describe(object);
}

const isMoving = (object: ServerObject): boolean =>
  object.metadata.deletionTimestamp !== undefined ||
  isPaused(object) ||
  !(isReady(object) || STANDING.has(reasonOf(object)));

const isPaused = ({ metadata }: ServerObject): boolean => metadata.annotations?.[ANNOTATION.paused] === 'true';

const reasonsOf = (objects: readonly ServerObject[]): string =>
  Object.entries(countBy(objects, reasonOf))
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');

const describe = (object: ServerObject): string =>
  `${object.metadata.name} (${object.metadata.uid}) ${object.metadata.deletionTimestamp === undefined ? 'is' : 'is being deleted,'} ${reasonOf(object)}: ${messageOf(object)}`;
