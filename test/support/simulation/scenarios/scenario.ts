import type { OperatorSettings } from '../../../../src/controllers/operator.ts';
import type { WorldConfigInput } from '../../../../src/simulator/config.ts';
import type { FaultName } from '../plan.ts';
import type { Simulation } from '../simulation.ts';

/** What happens in a run beside the faults of its plan. */
export interface Scenario {
  readonly world?: WorldConfigInput;
  /** What the operator is configured with at first. */
  readonly settings?: Partial<OperatorSettings>;
  /**
   * The user: acts and waits. Must bear any fault at any effect, so it waits for conditions and never for moments: `until`
   * for what must come, `untilOr` for stages that a fault may make pass unseen.
   */
  readonly script: (sim: Simulation) => Promise<void>;
  /** In which reasons of Ready objects may stand at the end; only Ready when left out. */
  readonly endsIn?: readonly string[];
  /**
   * Faults that can take away what the script is about, such as a list that hides the suspect: with one of them the script may
   * wait in vain. Everything else is asked of the run all the same.
   */
  readonly spoiledBy?: readonly FaultName[];
  /** Takes too long for every fault at every effect; the daily sweep takes one fault for each effect. */
  readonly isLong?: boolean;
}

export type Scenarios = Readonly<Record<string, Scenario>>;
