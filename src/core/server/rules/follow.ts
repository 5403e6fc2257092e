import { addMillis, elapsed, formatDuration, minutes, monotonic, since } from '../../../base/time.ts';
import { parseDuration } from '../../../resources/flexmetalserver/duration.ts';
import type { Rest } from '../../model/decision.ts';
import { block, wait } from '../../model/decision.ts';
import type { Entry } from '../../model/ledger.ts';
import type { ServerRecord } from '../../model/server-record.ts';
import { isDelivered, livenessOf } from '../../model/server-record.ts';
import type { ServerSnapshot } from '../../model/snapshot.ts';
import { explain } from '../asking.ts';
import { entryOf, ownServer, recordOf } from '../facts.ts';
import { OBSERVATION_STALE_AFTER, STILL_RECHECK } from '../limits.ts';
import { answerWith, withStop } from '../wording.ts';
import { tagChanges, tagKey } from './tags.ts';

/** The vendor's own client waits as long for a delivery. */
const PROVISIONING_TIMEOUT = minutes(45);

/** The end of the chain: nothing to do. Says what is waited for. */
export function follow(s: ServerSnapshot): Rest {
  const entry = entryOf(s);
  const own = ownServer(s);
  const seen = own === undefined ? undefined : recordOf(s, own);
  const moving = { kind: 'onListing', atMost: s.settings.pollInterval } as const;
  if (entry === undefined || own === undefined)
    return wait('Pending', 'Waiting for the first look at this object.', moving);
  if (seen === undefined || elapsed(seen.at, s.monotonic) > OBSERVATION_STALE_AFTER) return unseen(s, own, moving);
  return (
    failed(s, entry, seen.server) ??
    going(seen.server, moving) ??
    undelivered(s, entry, seen.server) ??
    withoutAddresses(seen.server, moving) ??
    withTagsPending(s, seen.server) ??
    wait('Ready', 'The server is delivered and its tags are as wanted.', { kind: 'onListing', atMost: STILL_RECHECK })
  );
}

function unseen(s: ServerSnapshot, own: string, wakeUp: Rest['wakeUp']): Rest {
  const failure = explain(s.view.failure);
  const message = `Server ${own} was not seen recently, so its state is not known${failure === undefined ? '.' : `: ${withStop(failure.message)}`}`;
  return failure?.reason === 'CredentialsInvalid'
    ? block('CredentialsInvalid', message, wakeUp)
    : wait('ObservationStale', message, wakeUp);
}

function failed(s: ServerSnapshot, entry: Entry, server: ServerRecord): Rest | undefined {
  if (livenessOf(server) !== 'failed') return undefined;
  const said = server.statusMessage === '' ? '' : ` The vendor says: ${server.statusMessage}.`;
  return block(
    'ProvisioningFailed',
    `Server ${server.uuid} failed to be delivered.${said} Nothing is ordered in its place by itself. To order a new one: ${answerWith(s, `reorder=${entry.attempt}`)}; or delete the object.`,
    { kind: 'onListing', atMost: STILL_RECHECK },
  );
}

const going = (server: ServerRecord, wakeUp: Rest['wakeUp']): Rest | undefined =>
  livenessOf(server) === 'releasing'
    ? wait('Releasing', `Server ${server.uuid} is being released, and not by this operator.`, wakeUp)
    : undefined;

function undelivered(s: ServerSnapshot, entry: Entry, server: ServerRecord): Rest | undefined {
  if (isDelivered(server)) return undefined;
  const limit =
    (s.spec.kind === 'valid' ? parseDuration(s.spec.spec.provisioningTimeout) : undefined) ?? PROVISIONING_TIMEOUT;
  const since0 = server.createdAt ?? entry.requestedAt;
  const left = since(s.now, addMillis(since0, limit));
  const wakeUp = { kind: 'onListing', atMost: s.settings.pollInterval } as const;
  if (left > 0)
    return wait('Provisioning', `Server ${server.uuid} is being delivered (the vendor says ${server.status}).`, wakeUp);
  return block(
    'Slow',
    `Server ${server.uuid} is still ${server.status}, longer than provisioningTimeout (${formatDuration(limit)}). It is followed on and no other is ordered. Ask i3D.net support about it, or delete the object.`,
    wakeUp,
  );
}

const withoutAddresses = (server: ServerRecord, wakeUp: Rest['wakeUp']): Rest | undefined =>
  server.addresses.length === 0
    ? wait(
        'AddressesPending',
        `Server ${server.uuid} is delivered, but the vendor shows no address for it yet.`,
        wakeUp,
      )
    : undefined;

function withTagsPending(s: ServerSnapshot, server: ServerRecord): Rest | undefined {
  const changes = tagChanges(s, server);
  const first = changes[0];
  if (first === undefined) return undefined;
  if (s.settings.mode === 'observe') {
    return wait(
      'ObserveMode',
      `${changes.length} tags are not as wanted; the operator runs with mode observe and changes none.`,
      { kind: 'onListing', atMost: STILL_RECHECK },
    );
  }
  const said = changes
    .map(({ kind, tag }) => s.memory.retries[tagKey(kind, tag)]?.message)
    .find((message) => message !== undefined);
  const dues = changes.map(({ kind, tag }) => s.memory.retries[tagKey(kind, tag)]?.notBefore ?? s.monotonic);
  return wait(
    'TagsPending',
    `${changes.length} tags are not as wanted (first: ${first.kind} ${first.tag}). ${said ?? ''}`.trim(),
    {
      kind: 'after',
      delay: elapsed(s.monotonic, monotonic(Math.min(...dues))),
    },
  );
}
