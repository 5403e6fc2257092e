import { addMillis, millis, minutes, seconds } from '../../../src/base/time.ts';
import type { Millis } from '../../../src/base/time.ts';
import type { FaultRuleInput } from '../../../src/simulator/faults.ts';
import { FaultRule } from '../../../src/simulator/faults.ts';
import type { World } from '../../../src/simulator/world.ts';
import type { ApiServer } from '../api-server/api-server.ts';
import { VIRTUAL_START } from '../virtual-clock.ts';
import { CUT_OFF_FOR } from './faulty-kube.ts';
import { LISTS_LAG } from './lateness.ts';
import type { SurroundingFault } from './plan.ts';

/** What stands around one process, as far as a fault can strike it. */
export interface Surroundings {
  readonly api: ApiServer;
  readonly world: World;
  /** Of the process; also its name at the API server. */
  readonly name: string;
  readonly stop: () => void;
  readonly cutOff: (length: Millis) => void;
  readonly jumpWall: (by: Millis) => void;
  /** Gives the lease to another process. */
  readonly takeLease: () => void;
}

export const CLOCK_JUMP = minutes(10);
const WATCH_REPEATS_AFTER = seconds(20);
const WATCH_FROZEN_FOR = seconds(90);
const WATCH_MISSES_FOR = seconds(30);
const LISTS_LAG_FOR = minutes(5);
const EMPTY_LISTS = 2;
const READS_FAIL_FOR = minutes(2);
const PAGES_SHIFT_FOR = seconds(20);
/** One more than the rows that the client asks for twice: one server is skipped, and no row of the page before is seen again. */
const ROWS_SKIPPED = 6;

/** Lets the fault strike, now. The call at which it does goes its way. */
export function strikeSurroundings(around: Surroundings, fault: SurroundingFault): void {
  const { api, name } = around;
  switch (fault) {
    case 'handOver':
      return around.stop();
    case 'cutOff':
      around.cutOff(CUT_OFF_FOR);
      return api.silenceWatches(name);
    case 'leaseTaken':
      return around.takeLease();
    case 'clockForward':
      return around.jumpWall(CLOCK_JUMP);
    case 'clockBack':
      return around.jumpWall(millis(0 - CLOCK_JUMP));
    case 'watchDuplicated':
      return api.repeatWatches(name, WATCH_REPEATS_AFTER);
    case 'watchFrozen':
      api.freezeWatches(name);
      api.clock.setTimer(WATCH_FROZEN_FOR, () => api.thawWatches(name));
      return undefined;
    case 'watchMissed':
      return api.missWatches(name, WATCH_MISSES_FOR);
    case 'listLag':
      return lists(around, { kind: 'page', lag: `${LISTS_LAG}ms` }, LISTS_LAG_FOR);
    case 'listEmpty':
      return lists(around, { kind: 'page', omit: ALL_ROWS }, READS_FAIL_FOR, EMPTY_LISTS);
    case 'readsFail':
      return vendor(around, { match: { method: 'GET' }, do: { answer: UNAVAILABLE } }, READS_FAIL_FOR);
    case 'pageShift':
      return lists(around, { kind: 'page', shift: ROWS_SKIPPED }, PAGES_SHIFT_FOR);
  }
}

const ALL_ROWS = 1_000_000;
const UNAVAILABLE = { kind: 'error', status: 503, body: 'html' } as const;

type Answer = NonNullable<FaultRuleInput['do']['answer']>;

function lists(around: Surroundings, answer: Answer, length: Millis, times?: number): void {
  const rule: FaultRuleInput = { match: { operation: 'getFlexMetalServers' }, do: { answer } };
  vendor(around, times === undefined ? rule : { ...rule, times }, length);
}

/** For the vendor's side a fault lasts by its clock, whoever asks. */
function vendor({ world, api }: Surroundings, rule: FaultRuleInput, length: Millis): void {
  const until = addMillis(api.clock.now(), length) - VIRTUAL_START;
  world.addFault(FaultRule.parse({ ...rule, match: { ...rule.match, until: `${until}ms` } }));
}
