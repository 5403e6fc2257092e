import type { Instant } from '../../../src/base/time.ts';
import type { EffectKind, FaultName, PlannedFault } from './plan.ts';
import { pointlessAt } from './plan.ts';

/** One call that changes something outside, in the order of the whole run. */
export interface EffectSeen {
  readonly ordinal: number;
  readonly at: Instant;
  readonly process: string;
  /** `kube PATCH default/web-1/status`, `vendor POST /v3/flexMetal/servers` */
  readonly label: string;
  readonly kind: EffectKind;
  /** Whether a fault can strike here: the faults have not ended. */
  readonly mayFail: boolean;
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

  /** To be called once for each effect, when its process is about to send it. A fault that makes no sense there does not strike. */
  next(at: Instant, process: string, label: string): FaultName | undefined {
    const ordinal = this.seen.length + 1;
    const kind = kindOf(label);
    const planned = this.#isOver ? undefined : this.#planned.get(ordinal);
    const fault = planned === undefined || pointlessAt(planned, kind) !== undefined ? undefined : planned;
    this.seen.push({ ordinal, at, process, label, kind, mayFail: !this.#isOver, fault });
    return fault;
  }

  /** From now on nothing goes wrong any more. */
  endFaults(): void {
    this.#isOver = true;
  }
}

function kindOf(label: string): EffectKind {
  if (label.startsWith('kube ')) return 'object';
  if (label.includes('/tag/')) return 'tag';
  return label.startsWith('vendor DELETE ') ? 'release' : 'order';
}
