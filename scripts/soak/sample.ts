import type { Sample as Metric } from '../bench/metrics-text.ts';
import { sum } from '../bench/metrics-text.ts';
import type { OpenFiles } from './proc.ts';

/** The operator's process at one moment. */
export interface Sample {
  /** Milliseconds since the soak began. */
  readonly at: number;
  readonly phase: Phase;
  /** Which process, counted from 1, and for how long it has run. */
  readonly process: number;
  readonly ageMs: number;
  /** The storm holds its breath, and what was under way has ended. */
  readonly isLull: boolean;
  readonly rssMiB: number;
  readonly heapMiB: number;
  /** What V8 has taken for the heap, in pages that it keeps for a while. */
  readonly heapPagesMiB: number;
  /** The heap that was left by the last full collection of garbage; undefined: there was none yet. */
  readonly collectedMiB: number | undefined;
  readonly externalMiB: number;
  readonly fileDescriptors: number;
  readonly sockets: number;
  /** Sockets whose other end has closed and that wait for us: there should hardly be any. */
  readonly socketsCloseWait: number;
  readonly timers: number;
  /** Everything that keeps the event loop alive: timers, sockets, requests under way. */
  readonly resources: number;
  readonly lagMs: number;
  readonly queued: number;
  readonly vendorCalls: number;
  readonly kubeCalls: number;
  /** Passes that ended in an exception: each is a bug. */
  readonly passErrors: number;
  readonly objects: number;
}

/** What the soak is at. */
export type Phase = 'empty' | 'storm' | 'calm' | 'emptying' | 'rest';

/** When and what was looked at. */
export type Moment = Pick<Sample, 'at' | 'phase' | 'isLull' | 'process' | 'ageMs' | 'rssMiB' | 'collectedMiB'>;

const MIB = 1_024 * 1_024;

export function sampleOf(moment: Moment, open: OpenFiles, metrics: readonly Metric[]): Sample {
  return {
    ...moment,
    heapMiB: sum(metrics, 'nodejs_heap_size_used_bytes') / MIB,
    heapPagesMiB: sum(metrics, 'nodejs_heap_size_total_bytes') / MIB,
    externalMiB: sum(metrics, 'nodejs_external_memory_bytes') / MIB,
    fileDescriptors: open.fileDescriptors,
    sockets: open.sockets,
    socketsCloseWait: open.byState['CLOSE_WAIT'] ?? 0,
    timers: sum(metrics, 'nodejs_active_resources', ({ type }) => type === 'Timeout'),
    resources: sum(metrics, 'nodejs_active_resources_total'),
    lagMs: sum(metrics, 'nodejs_eventloop_lag_mean_seconds') * 1_000,
    queued: sum(metrics, 'workqueue_depth'),
    vendorCalls: sum(metrics, 'flexmetal_api_requests_total'),
    kubeCalls: sum(metrics, 'rest_client_requests_total'),
    passErrors: sum(metrics, 'controller_runtime_reconcile_errors_total'),
    objects: sum(metrics, 'flexmetal_servers'),
  };
}
