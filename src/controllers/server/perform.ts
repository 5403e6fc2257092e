import type { Clock } from '../../base/clock.ts';
import { assertNever } from '../../base/assert-never.ts';
import type { Effect } from '../../core/model/decision.ts';
import type { Entry } from '../../core/model/ledger.ts';
import { sameAccount } from '../../core/model/ledger.ts';
import type { ServerSnapshot } from '../../core/model/snapshot.ts';
import type { Result, WriteOutcome } from '../../core/server/absorb.ts';
import { entryOf } from '../../core/server/facts.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Teller } from '../../observability/tell.ts';
import type { Brakes } from '../brakes.ts';
import type { Verdict } from '../fence.ts';
import { fenced, stop } from '../fence.ts';
import { orderStillTrue, releaseStillTrue } from './checks.ts';
import { refOf } from './object.ts';
import type { VendorPort } from './ports.ts';
import type { ObjectWriter } from './writes.ts';

export interface PerformPorts {
  readonly client: KubeClient;
  readonly vendor: VendorPort;
  readonly writer: ObjectWriter;
  readonly brakes: Brakes;
  readonly teller: Teller;
  readonly clock: Clock;
  readonly mayAct: () => Verdict;
}

/** Does one effect and says what came of it. Nothing else here or in the loop changes anything outside. */
export async function perform(ports: PerformPorts, s: ServerSnapshot, effect: Effect): Promise<Result> {
  const { vendor, writer, clock } = ports;
  switch (effect.kind) {
    case 'writeLedger':
      return { kind: 'writeLedger', effect, outcome: await writeLedger(ports, s, effect.entry), at: clock.monotonic() };
    case 'dropFinalizer':
      return { kind: 'dropFinalizer', effect, outcome: await writer.dropFinalizer(s.object), at: clock.monotonic() };
    case 'createServer':
      return { kind: 'createServer', effect, outcome: await order(ports, s, effect), at: clock.monotonic() };
    case 'releaseServer':
      return { kind: 'releaseServer', effect, outcome: await release(ports, s, effect), at: clock.monotonic() };
    case 'addTag':
      return {
        kind: 'changeTag',
        effect,
        outcome: await vendor.addTag(effect.server, effect.tag),
        at: clock.monotonic(),
      };
    case 'removeTag':
      return {
        kind: 'changeTag',
        effect,
        outcome: await vendor.removeTag(effect.server, effect.tag),
        at: clock.monotonic(),
      };
    default:
      return assertNever(effect, 'effect');
  }
}

/** A new intent takes its place under the brakes first; an outcome without a server gives it back. */
async function writeLedger(ports: PerformPorts, s: ServerSnapshot, entry: Entry): Promise<WriteOutcome> {
  const { brakes, clock, writer } = ports;
  const { uid } = s.object;
  const isNewIntent = entry.outcome.kind === 'open' && entryOf(s)?.attempt !== entry.attempt;
  if (isNewIntent) {
    const seen = { listing: s.view.latest, now: clock.now(), monotonic: clock.monotonic() };
    if (!brakes.reserve(uid, entry.attempt, s.settings, seen)) {
      return { kind: 'failed', message: 'Other objects took the last places under the limits on servers and orders.' };
    }
  }
  const outcome = await writer.writeLedger(s.object, entry);
  const withoutServer = entry.outcome.kind !== 'open' && entry.outcome.kind !== 'created';
  if (outcome.kind === 'written' ? withoutServer : isNewIntent) brakes.release(uid);
  return outcome;
}

function order(
  { vendor, client, mayAct, teller }: PerformPorts,
  s: ServerSnapshot,
  { entry, request }: Extract<Effect, { kind: 'createServer' }>,
) {
  return fenced(() => vendor.openOrder(request), {
    live: () => orderStillTrue(client, s, entry),
    now: (account) => {
      return sameAccount(account, entry.account)
        ? mayAct()
        : stop('account', 'The token changed between the intent and the order.');
    },
    onStop: (cause) => teller.tell({ kind: 'fenceRefused', object: refOf(s.object), action: 'order', cause }),
  });
}

function release(
  { vendor, client, mayAct, teller }: PerformPorts,
  s: ServerSnapshot,
  { server, cause }: Extract<Effect, { kind: 'releaseServer' }>,
) {
  return fenced(() => vendor.openRelease(server), {
    live: () => releaseStillTrue(client, vendor, s, server, cause),
    now: () => mayAct(),
    onStop: (word) => teller.tell({ kind: 'fenceRefused', object: refOf(s.object), action: 'release', cause: word }),
  });
}
