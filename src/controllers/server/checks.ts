import type { ObjectKey } from '../../base/ids.ts';
import { splitKey } from '../../base/ids.ts';
import type { Entry } from '../../core/model/ledger.ts';
import { readLedger, sameEntry } from '../../core/model/ledger.ts';
import { livenessOf } from '../../core/model/server-record.ts';
import type { ServerSnapshot } from '../../core/model/snapshot.ts';
import { liveServers, owns } from '../../core/server/facts.ts';
import { forceForget } from '../../core/server/rules/force-forget.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { FlexMetalServer } from '../../resources/flexmetalserver/parse.ts';
import { parseFlexMetalServer } from '../../resources/flexmetalserver/parse.ts';
import { ANNOTATION, FINALIZER } from '../../resources/names.ts';
import type { ServerUuid } from '../../base/ids.ts';
import type { Verdict } from '../fence.ts';
import { GO, stop } from '../fence.ts';
import { FLEXMETALSERVERS } from './object.ts';
import type { VendorPort } from './ports.ts';
import { specHash } from './spec-hash.ts';

type LiveObject =
  | { readonly kind: 'object'; readonly object: FlexMetalServer }
  | { readonly kind: 'stopped'; readonly verdict: Verdict };

/** Whether the object is still, in the API server's own memory, what the order was decided on. */
export async function orderStillTrue(client: KubeClient, s: ServerSnapshot, entry: Entry): Promise<Verdict> {
  const live = await readLive(client, s);
  if (live.kind === 'stopped') return live.verdict;
  const { object } = live;
  if (object.deletionTimestamp !== undefined)
    return stop('deleted', 'The object is being deleted, so nothing is ordered.');
  if (object.annotations[ANNOTATION.paused] === 'true')
    return stop('paused', 'The object was paused before the order went out.');
  // Without it the object could go at any moment and leave the server behind.
  if (!object.finalizers.includes(FINALIZER))
    return stop('finalizer', 'The finalizer was removed before the order went out.');
  const ledger = readLedger(object.uid, object.annotationLedger, object.statusLedger);
  const same = ledger.kind === 'entry' && ledger.inAnnotation && ledger.inStatus && sameEntry(ledger.entry, entry);
  if (!same) return stop('ledger', 'The order ledger changed before the order went out.');
  if (specHash(object.spec) !== entry.specHash) return stop('spec', 'The spec changed before the order went out.');
  return GO;
}

/** Whether object and server are still what the release was decided on. */
export async function releaseStillTrue(
  client: KubeClient,
  vendor: VendorPort,
  s: ServerSnapshot,
  server: ServerUuid,
  cause: 'deleted' | 'answered',
): Promise<Verdict> {
  const live = await readLive(client, s);
  if (live.kind === 'stopped') return live.verdict;
  const { object } = live;
  if (object.annotations[ANNOTATION.paused] === 'true')
    return stop('paused', 'The object was paused before the release went out.');
  if (cause === 'deleted') {
    if (object.deletionTimestamp === undefined) return stop('notDeleted', 'The object is not being deleted.');
    if (object.spec.deletionPolicy !== 'Release')
      return stop('retained', 'deletionPolicy is Retain by now, so the server is not released.');
    if (object.spec.deletionProtection === true)
      return stop('protected', 'deletionProtection is on by now, so the server is not released.');
  }
  const ledger = readLedger(object.uid, object.annotationLedger, object.statusLedger);
  const now = { ...s, object, ledger };
  if (forceForget(now) !== undefined)
    return stop('forgotten', 'A person said meanwhile to let the server live, so it is not released.');
  if (cause === 'answered' && !(ledger.kind === 'entry' && ledger.entry.releases.includes(server))) {
    return stop('ledger', 'The ledger does not allow this release any more.');
  }
  const read = await vendor.getServer(server, 'release');
  if (read.kind !== 'present')
    return stop('serverUnseen', `Server ${server} could not be read right before its release (${read.kind}).`);
  if (!owns(now, read.server)) {
    return stop(
      'ownership',
      `Server ${server} does not carry this object's uid tag alone any more, so it is not released.`,
    );
  }
  if (cause === 'answered' && !(await anotherLives(vendor, now, server))) {
    return stop('lastServer', `Server ${server} is the object's only live server, so it is not released.`);
  }
  const liveness = livenessOf(read.server);
  return liveness === 'live' || liveness === 'failed'
    ? GO
    : stop('serverState', `Server ${server} is ${read.server.status} already.`);
}

/** Of two servers a person chose one to be released; without the other that was another question. */
async function anotherLives(vendor: VendorPort, s: ServerSnapshot, server: ServerUuid): Promise<boolean> {
  for (const { uuid } of liveServers(s).slice(0, OTHERS_MAX)) {
    if (uuid === server) continue;
    const read = await vendor.getServer(uuid, 'release');
    if (read.kind === 'present' && owns(s, read.server) && livenessOf(read.server) === 'live') return true;
  }
  return false;
}

/** More servers of one object are not asked about: one that lives is enough. */
const OTHERS_MAX = 4;

async function readLive(client: KubeClient, s: ServerSnapshot): Promise<LiveObject> {
  const result = await client.get(FLEXMETALSERVERS, refOfKey(s.object.key));
  const stopped = (word: string, message: string): LiveObject => ({ kind: 'stopped', verdict: stop(word, message) });
  if (result.kind !== 'ok')
    return stopped('objectUnseen', `The object could not be read live (${result.kind}); nothing is sent without that.`);
  const parsed = parseFlexMetalServer(result.object);
  if (parsed.kind !== 'ok') return stopped('invalid', parsed.message);
  if (parsed.object.uid !== s.object.uid) return stopped('uid', 'Another object has this name by now.');
  return { kind: 'object', object: parsed.object };
}

const refOfKey = (key: ObjectKey) => splitKey(key);
