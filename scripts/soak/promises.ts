import { readMarks } from '../../src/resources/names.ts';
import type { Life } from './lives.ts';
import type { PromiseKept } from './result.ts';
import type { HistoryEntry } from './vendor.ts';

/** What the soak knows of one object that it made. Times are Unix milliseconds. */
export interface ObjectRecord {
  readonly uid: string;
  readonly name: string;
  /** Just before the first DELETE was sent; undefined: it never was. */
  readonly deleteAskedAt: number | undefined;
  /** A list that came then no longer had it. */
  readonly goneBy: number | undefined;
}

const BROKEN_MOST = 20;

/** One promise, held against each of the things it is about. `complain`: a sentence when this one breaks it. */
export function promise<T>(text: string, about: readonly T[], complain: (one: T) => string | undefined): PromiseKept {
  const broken = about.flatMap((one) => complain(one) ?? []);
  return { promise: text, checked: about.length, broken: broken.slice(0, BROKEN_MOST) };
}

/** What can be told from the vendor's history and the objects alone, once all is over. */
export function historyPromises(
  history: readonly HistoryEntry[],
  lives: readonly Life[],
  objects: ReadonlyMap<string, ObjectRecord>,
): readonly PromiseKept[] {
  return [
    oneServer(lives),
    sentOnce(history),
    releasedOurs(history, lives, objects),
    objectsGoLast(lives, objects),
    nothingLeft(lives),
    foreignersLive(lives),
  ];
}

function oneServer(lives: readonly Life[]): PromiseKept {
  const byUid = Object.entries(
    Object.groupBy(
      lives.flatMap((life) => life.uids.map((uid) => ({ uid, life }))),
      ({ uid }) => uid,
    ),
  );
  return promise('never two live servers for one object', byUid, ([uid, owned = []]) => {
    const ordered = owned.map(({ life }) => life).toSorted((left, right) => left.orderedAt - right.orderedAt);
    const at = ordered.findIndex((life, index) => index > 0 && life.orderedAt < latestEnd(ordered.slice(0, index)));
    return at === -1 ? undefined : `object ${uid} had ${ordered.map(({ uuid }) => uuid).join(' and ')} at once`;
  });
}

const latestEnd = (lives: readonly Life[]): number => Math.max(...lives.map(({ endedAt }) => endedAt ?? Infinity));

function sentOnce(history: readonly HistoryEntry[]): PromiseKept {
  const attempts = history
    .filter((entry) => entry.kind === 'request')
    .filter(({ operation }) => operation === 'createFlexMetalServer')
    .flatMap(({ tags }) => readMarks(tags).attempts);
  const times = Object.entries(Object.groupBy(attempts, (attempt) => attempt));
  return promise('each attempt is sent once', times, ([attempt, sent = []]) =>
    sent.length === 1 ? undefined : `attempt ${attempt} was sent ${sent.length} times`,
  );
}

function releasedOurs(
  history: readonly HistoryEntry[],
  lives: readonly Life[],
  objects: ReadonlyMap<string, ObjectRecord>,
): PromiseKept {
  const byUuid = new Map(lives.map((life) => [life.uuid, life]));
  const releases = history
    .filter((entry) => entry.kind === 'request')
    .filter(({ operation }) => operation === 'deleteFlexMetalServer');
  return promise('nothing is released but servers of objects that are being deleted', releases, ({ path, at }) => {
    const uuid = path.split('/').at(-1) ?? '';
    const owners = byUuid.get(uuid)?.uids ?? [];
    const may = owners.some((uid) => (objects.get(uid)?.deleteAskedAt ?? Infinity) <= at);
    return may
      ? undefined
      : `${uuid} (of ${owners.join(', ') || 'nobody'}) was released without its object being deleted`;
  });
}

function objectsGoLast(lives: readonly Life[], objects: ReadonlyMap<string, ObjectRecord>): PromiseKept {
  const owned = lives.flatMap((life) =>
    life.uids.map((uid) => ({ uuid: life.uuid, endedAt: life.endedAt, object: objects.get(uid) })),
  );
  return promise('an object goes only after its servers', owned, ({ uuid, endedAt, object }) =>
    object?.goneBy === undefined || (endedAt ?? Infinity) <= object.goneBy
      ? undefined
      : `object ${object.name} (${object.uid}) went before its server ${uuid}`,
  );
}

const nothingLeft = (lives: readonly Life[]): PromiseKept =>
  promise(
    'no server is left when all objects are deleted',
    lives.filter(({ uids }) => uids.length > 0),
    ({ uuid, uids, endedAt }) => (endedAt === undefined ? `${uuid} (of ${uids.join(', ')}) is live` : undefined),
  );

const foreignersLive = (lives: readonly Life[]): PromiseKept =>
  promise(
    "other people's servers in the account are left alone",
    lives.filter(({ uids }) => uids.length === 0),
    ({ uuid, endedAt }) => (endedAt === undefined ? undefined : `${uuid} is gone`),
  );
