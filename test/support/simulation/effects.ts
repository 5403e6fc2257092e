import type { Instant } from '../../../src/base/time.ts';
import type { FaultName, PlannedFault } from './plan.ts';

/** One call that changes something outside, in the order of the whole run. */
export interface EffectSeen {
  readonly ordinal: number;
  readonly at: Instant;
  readonly process: string;
  /** `kube PATCH default/web-1/status`, `vendor POST /v3/flexMetal/servers` */
  readonly label: string;
  readonly fault: FaultName | undefined;
}

/** Counts the effects of all processes and says which of them go wrong. */
export class EffectLog {
  readonly seen: EffectSeen[] = [];
  readonly #planned: ReadonlyMap<number, FaultName>;
  #isOver = false;

  constructor(faults: readonly PlannedFault[]) {
    this.#planned = new Map(faults.map((fault) => [fault.at, fault.do]));
  }

  /** To be called once for each effect, when its process is about to send it. */
  next(at: Instant, process: string, label: string): FaultName | undefined {
    const ordinal = this.seen.length + 1;
    const fault = this.#isOver ? undefined : this.#planned.get(ordinal);
    this.seen.push({ ordinal, at, process, label, fault });
    return fault;
  }

  /** From now on nothing goes wrong any more. */
  endFaults(): void {
    this.#isOver = true;
  }
}
