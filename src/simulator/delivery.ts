import { assertNever } from '../base/assert-never.ts';
import type { ServerUuid } from '../base/ids.ts';
import type { Instant, Millis } from '../base/time.ts';
import { addMillis, millis } from '../base/time.ts';
import type { Delivery } from './faults.ts';
import type { Cause } from './history.ts';
import type { ServerRow, Step, WorldState } from './world-state.ts';

/** The statuses on the way, in the order of the vendor's document, with the share of the whole time that each lasts. */
const USUAL_COURSE = [
  ['created', 0.02],
  ['discovering', 0.08],
  ['discovered', 0.02],
  ['allocating', 0.05],
  ['allocated', 0.03],
  ['configuring_network', 0.1],
  ['network_configured', 0.02],
  ['provisioning', 0.63],
  ['provisioned', 0.05],
] as const;

export const FIRST_STATUS = 'created';
const QUIET = '';

/** Puts a new row in the place of the old one. */
export function replaceRow(state: WorldState, row: ServerRow, change: Partial<ServerRow>): ServerRow {
  const changed = { ...row, ...change };
  state.servers.set(row.uuid, changed);
  return changed;
}

/** Sets a fresh server on its way. */
export function beginDelivery(state: WorldState, row: ServerRow, at: Instant, delivery: Delivery | undefined): void {
  const { takes, jitter } = state.config.delivery;
  const steps = stepsOf(state.config.manners.deliverySteps, state.jittered(takes, jitter), delivery);
  follow(state, row.uuid, row.course, at, steps, { kind: 'delivery' });
  if (delivery?.kind === 'lacksAddresses' && delivery.after !== undefined) {
    const delivered = steps.reduce((sum, step) => sum + step.after, 0);
    const due = addMillis(at, state.stretched(millis(delivered + delivery.after)));
    state.agenda.add(due, { kind: 'addresses', uuid: row.uuid, course: row.course }, true);
  }
}

/** Sets a server on its way out. A server that is out or on its way is left as it is. */
export function beginRelease(state: WorldState, row: ServerRow, at: Instant, cause: Cause): ServerRow {
  if (row.releasingAt !== undefined || row.releasedAt !== undefined) return row;
  const { takes, jitter } = state.config.release;
  const detached = replaceRow(state, row, { course: row.course + 1 });
  const changed = setStatus(state, detached, 'releasing', QUIET, at, cause);
  const steps = [{ status: 'released', after: state.jittered(takes, jitter), message: QUIET, bare: false }];
  follow(state, row.uuid, changed.course, at, steps, cause);
  return changed;
}

/** Somebody sets the status by hand: what was to come for this server comes no more. */
export function forceStatus(
  state: WorldState,
  row: ServerRow,
  status: string,
  message: string,
  at: Instant,
): ServerRow {
  const detached = replaceRow(state, row, { course: row.course + 1 });
  const changed = setStatus(state, detached, status, message, at, { kind: 'admin' });
  return status === 'delivered' ? giveAddresses(state, changed, at) : changed;
}

/** A step of a course came due. */
export function takeStep(
  state: WorldState,
  event: { readonly uuid: ServerUuid; readonly course: number; readonly steps: readonly Step[]; readonly cause: Cause },
  at: Instant,
): void {
  const row = state.servers.get(event.uuid);
  const [step, ...rest] = event.steps;
  if (row === undefined || row.course !== event.course || step === undefined) return;
  const changed = setStatus(state, row, step.status, step.message, at, event.cause);
  if (step.status === 'delivered' && !step.bare) giveAddresses(state, changed, at);
  follow(state, event.uuid, event.course, at, rest, event.cause);
}

/** The addresses that were missing at delivery came at last. */
export function takeAddresses(
  state: WorldState,
  event: { readonly uuid: ServerUuid; readonly course: number },
  at: Instant,
): void {
  const row = state.servers.get(event.uuid);
  if (row?.course === event.course) giveAddresses(state, row, at);
}

function giveAddresses(state: WorldState, row: ServerRow, at: Instant): ServerRow {
  if (row.addresses.length > 0) return row;
  const addresses = newAddresses(state);
  state.history.add(at, { kind: 'addresses', uuid: row.uuid, addresses });
  return replaceRow(state, row, { addresses });
}

function setStatus(
  state: WorldState,
  row: ServerRow,
  status: string,
  message: string,
  at: Instant,
  cause: Cause,
): ServerRow {
  const changed = replaceRow(state, row, { status, statusMessage: message, ...marksOf(row, status, at, cause) });
  state.history.add(at, { kind: 'status', uuid: row.uuid, from: row.status, to: status, cause });
  return changed;
}

/** The times that go with a status. The first delivery counts; coming back from failed or releasing undoes that mark. */
function marksOf(row: ServerRow, status: string, at: Instant, cause: Cause): Partial<ServerRow> {
  const leaves = status === 'releasing' || status === 'released';
  return {
    deliveredAt: row.deliveredAt ?? (status === 'delivered' ? at : undefined),
    failedAt: status === 'failed' ? (row.failedAt ?? at) : undefined,
    releasingAt: leaves ? (row.releasingAt ?? at) : undefined,
    releasedBy: leaves ? (row.releasedBy ?? cause) : undefined,
    releasedAt: status === 'released' ? (row.releasedAt ?? at) : undefined,
  };
}

function follow(
  state: WorldState,
  uuid: ServerUuid,
  course: number,
  at: Instant,
  steps: readonly Step[],
  cause: Cause,
): void {
  const [next] = steps;
  if (next === undefined) return;
  state.agenda.add(addMillis(at, state.stretched(next.after)), { kind: 'step', uuid, course, steps, cause }, true);
}

function stepsOf(words: 'all' | 'few', takes: Millis, delivery: Delivery | undefined): readonly Step[] {
  const usual = usualSteps(words, takes);
  switch (delivery?.kind) {
    case undefined:
      return usual;
    case 'fails':
      return [
        ...until(usual, delivery.at),
        { status: 'failed', after: after(usual, delivery.at), message: delivery.message, bare: false },
      ];
    case 'sticks':
      return upTo(usual, delivery.at);
    case 'failsLater':
      return [...usual, { status: 'failed', after: delivery.after, message: delivery.message, bare: false }];
    case 'lacksAddresses':
      return usual.map((step) => ({ ...step, bare: true }));
    case 'steps':
      return delivery.steps.map((step) => ({ ...step, message: step.message ?? QUIET, bare: false }));
    default:
      return assertNever(delivery, 'delivery');
  }
}

function usualSteps(words: 'all' | 'few', takes: Millis): readonly Step[] {
  if (words === 'few') return [{ status: 'delivered', after: takes, message: QUIET, bare: false }];
  const following = [...USUAL_COURSE.slice(1).map(([status]) => status), 'delivered'];
  return USUAL_COURSE.map(([, share], at) => ({
    status: following[at] ?? 'delivered',
    after: millis(takes * share),
    message: QUIET,
    bare: false,
  }));
}

/** The steps before `status`; all but delivered when the course does not have it. */
function until(steps: readonly Step[], status: string): readonly Step[] {
  if (status === FIRST_STATUS) return [];
  const at = steps.findIndex((step) => step.status === status);
  return steps.slice(0, at === -1 ? steps.length - 1 : at);
}

function upTo(steps: readonly Step[], status: string): readonly Step[] {
  const before = until(steps, status);
  const step = steps[before.length];
  return step?.status === status ? [...before, step] : before;
}

/** How long the step lasts that is replaced. */
const after = (steps: readonly Step[], status: string): Millis =>
  steps[until(steps, status).length]?.after ?? millis(0);

/** Ranges kept for benchmarks and documentation: an address of the simulator never leads to somebody's machine. */
function newAddresses(state: WorldState): readonly string[] {
  const number = ++state.addresses;
  const high = Math.floor(number / 65_536) % 4;
  const ipv4 = `198.${18 + (high & 1)}.${Math.floor(number / 256) % 256}.${number % 256}`;
  const ipv6 = `2001:db8:${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}::1`;
  return state.config.manners.addressPrefix ? [`${ipv4}/24`, `${ipv6}/64`] : [ipv4, ipv6];
}
