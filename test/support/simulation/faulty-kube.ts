import { millis, minutes, seconds } from '../../../src/base/time.ts';
import type { KubeRequest, KubeTransport } from '../../../src/kube/transport.ts';
import type { Fault, FaultPlan, FaultyCall } from '../api-server/faults.ts';
import { forEver } from './faulty-vendor.ts';
import { DELAYED_BY, FROZEN_FOR } from './lateness.ts';
import type { MortalClock } from './mortal-clock.ts';
import type { CallFault, FaultName, SurroundingFault } from './plan.ts';

export const FLEXMETALSERVERS = 'flexmetalservers.flexmetal.i3d.net';

/** Whether a call counts as an effect: a write of an object of ours. The lease and the events come and go by themselves. */
export const isEffect = ({ verb, resource }: FaultyCall): boolean =>
  resource === FLEXMETALSERVERS && verb !== 'get' && verb !== 'list' && verb !== 'watch';

export interface FaultyKubeOptions {
  readonly transportWith: (faults: FaultPlan) => KubeTransport;
  /** Of the process. */
  readonly clock: MortalClock;
  readonly isDead: () => boolean;
  readonly isCutOff: () => boolean;
  /** Asked once for each effect, when it is about to leave. */
  readonly effect: (call: FaultyCall) => FaultName | undefined;
  readonly kill: () => void;
  /** Somebody else changes the object. */
  readonly touch: (call: FaultyCall) => void;
  readonly strike: (fault: SurroundingFault) => void;
}

/** One process's way to the Kubernetes API, with the plan's faults on it. With the process it falls silent, or stands still. */
export function faultyKube(options: FaultyKubeOptions): KubeTransport {
  const { transportWith, clock, isDead, isCutOff, effect, kill } = options;
  const lastRequests = new Set<KubeRequest>();
  const inner = transportWith((call) => {
    if (isCutOff()) return { kind: 'silence', carriedOut: false };
    const fault = isEffect(call) ? effect(call) : undefined;
    if (fault === 'killAfter') lastRequests.add(call.request);
    return fault === undefined ? undefined : strikes(options, call, fault);
  });
  const alive = async <T>(request: KubeRequest, send: () => Promise<T>): Promise<T> => {
    if (clock.isFrozen) await clock.whenThawed();
    const value = await send();
    if (lastRequests.has(request)) kill();
    if (clock.isFrozen) await clock.whenThawed();
    return isDead() ? forEver() : value;
  };
  return {
    send: (request, sendOptions) => alive(request, () => inner.send(request, sendOptions)),
    watch: async (request, watchOptions) => {
      const opened = await alive(request, () => inner.watch(request, watchOptions));
      return opened.kind === 'open' ? { ...opened, lines: held(opened.lines, clock) } : opened;
    },
  };
}

function strikes(options: FaultyKubeOptions, call: FaultyCall, fault: FaultName): Fault | undefined {
  switch (fault) {
    case 'killAfter':
      return undefined;
    case 'killBefore':
      options.kill();
      return FAULT_OF.killBefore;
    case 'frozen':
      options.clock.freeze(FROZEN_FOR);
      return FAULT_OF.frozen;
    case 'conflict':
      options.touch(call);
      return undefined;
    case 'replyLost':
    case 'errorWithout':
    case 'errorWith':
    case 'delayed':
      return FAULT_OF[fault];
    case 'delayedToEdge':
    case 'delayedPastWindow':
    case 'frozenPastWindow':
      throw new Error(`${fault} strikes no write of an object`);
    default:
      options.strike(fault);
      return undefined;
  }
}

/** What comes in while the process stands still waits for it, the end of the watch as well. */
async function* held(lines: AsyncIterable<unknown>, clock: MortalClock): AsyncGenerator<unknown, void, undefined> {
  try {
    for await (const line of lines) {
      if (clock.isFrozen) await clock.whenThawed();
      yield line;
    }
  } finally {
    if (clock.isFrozen) await clock.whenThawed();
  }
}

/** Longer than any single try of the client. */
const GIVEN_UP_AFTER = seconds(30);

const FAULT_OF = {
  killBefore: { kind: 'kill', carriedOut: false },
  replyLost: { kind: 'reset', carriedOut: true },
  errorWithout: { kind: 'answer', code: 503, reason: 'ServiceUnavailable', carriedOut: false },
  errorWith: { kind: 'answer', code: 503, reason: 'ServiceUnavailable', carriedOut: true },
  delayed: { kind: 'delay', request: millis(GIVEN_UP_AFTER + DELAYED_BY), reply: millis(1) },
  frozen: { kind: 'delay', request: millis(FROZEN_FOR + 1), reply: millis(1) },
} as const satisfies Partial<Record<CallFault, Fault>>;

/** How long a process that is cut off does not reach the Kubernetes API. */
export const CUT_OFF_FOR = minutes(2);
