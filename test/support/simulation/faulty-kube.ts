import { millis, minutes, seconds } from '../../../src/base/time.ts';
import type { KubeRequest, KubeTransport } from '../../../src/kube/transport.ts';
import type { Fault, FaultPlan, FaultyCall } from '../api-server/faults.ts';
import { DELAYED_BY, FOR_EVER } from './faulty-vendor.ts';
import type { FaultName } from './plan.ts';

export const FLEXMETALSERVERS = 'flexmetalservers.flexmetal.i3d.net';

/** Whether a call counts as an effect: a write of an object of ours. The lease and the events come and go by themselves. */
export const isEffect = ({ verb, resource }: FaultyCall): boolean =>
  resource === FLEXMETALSERVERS && verb !== 'get' && verb !== 'list' && verb !== 'watch';

export interface FaultyKubeOptions {
  readonly transportWith: (faults: FaultPlan) => KubeTransport;
  readonly isDead: () => boolean;
  readonly isCutOff: () => boolean;
  /** Asked once for each effect, when it is about to leave. */
  readonly effect: (call: FaultyCall) => FaultName | undefined;
  readonly kill: () => void;
  readonly handOver: (fault: 'handOver' | 'cutOff') => void;
}

/** One process's way to the Kubernetes API, with the plan's faults on it. With the process it falls silent. */
export function faultyKube(options: FaultyKubeOptions): KubeTransport {
  const { transportWith, isDead, isCutOff, effect, kill, handOver } = options;
  const lastRequests = new Set<KubeRequest>();
  const inner = transportWith((call) => {
    if (isCutOff()) return { kind: 'silence', carriedOut: false };
    const fault = isEffect(call) ? effect(call) : undefined;
    switch (fault) {
      case undefined:
        return undefined;
      case 'killAfter':
        lastRequests.add(call.request);
        return undefined;
      case 'handOver':
      case 'cutOff':
        handOver(fault);
        return undefined;
      case 'killBefore':
        kill();
        return FAULT_OF[fault];
      default:
        return FAULT_OF[fault];
    }
  });
  const alive = async <T>(request: KubeRequest, result: Promise<T>): Promise<T> => {
    const value = await result;
    if (lastRequests.has(request)) kill();
    return isDead() ? FOR_EVER : value;
  };
  return {
    send: (request, sendOptions) => alive(request, inner.send(request, sendOptions)),
    watch: (request, watchOptions) => alive(request, inner.watch(request, watchOptions)),
  };
}

/** Longer than any single try of the client. */
const GIVEN_UP_AFTER = seconds(30);

const FAULT_OF = {
  killBefore: { kind: 'kill', carriedOut: false },
  replyLost: { kind: 'reset', carriedOut: true },
  errorWithout: { kind: 'answer', code: 503, reason: 'ServiceUnavailable', carriedOut: false },
  errorWith: { kind: 'answer', code: 503, reason: 'ServiceUnavailable', carriedOut: true },
  delayed: { kind: 'delay', request: millis(GIVEN_UP_AFTER + DELAYED_BY), reply: millis(1) },
} as const satisfies Record<Exclude<FaultName, 'killAfter' | 'handOver' | 'cutOff'>, Fault>;

/** How long a process that is cut off does not reach the Kubernetes API. */
export const CUT_OFF_FOR = minutes(2);
