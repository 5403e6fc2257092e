import { seededRandom } from '../../../src/base/random.ts';
import type { Millis } from '../../../src/base/time.ts';
import { formatInstant, millis, minutes, seconds } from '../../../src/base/time.ts';
import type { OperatorSettings } from '../../../src/controllers/operator.ts';
import { formatMicroTime } from '../../../src/kube/micro-time.ts';
import type { WorldConfigInput } from '../../../src/simulator/config.ts';
import { readScenario } from '../../../src/simulator/scenario.ts';
import { World } from '../../../src/simulator/world.ts';
import { ApiServer } from '../api-server/api-server.ts';
import { projectKinds } from '../api-server/crd-kind.ts';
import { fieldsOf, isList, textOf } from '../api-server/json.ts';
import type { Json, JsonObject } from '../api-server/json.ts';
import { ClusterUser } from '../api-server/user.ts';
import { VIRTUAL_START } from '../virtual-clock.ts';
import { CANARIES } from './canaries.ts';
import { EffectLog } from './effects.ts';
import { FLEXMETALSERVERS } from './faulty-kube.ts';
import { FOREIGN_SERVERS, SMALL_PAGE } from './foreign-servers.ts';
import { WholeMillisClock } from './mortal-clock.ts';
import type { Sabotage } from './operator-process.ts';
import { LEASE, OperatorProcess } from './operator-process.ts';
import type { PlannedFault } from './plan.ts';
import { needsPages, needsStandby } from './plan.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
  readonly world?: WorldConfigInput;
  readonly settings?: Partial<OperatorSettings>;
  readonly sabotage?: Sabotage;
}

/** Late enough to leave the lease to the first process, early enough to be there for the first effect. */
const STANDBY_AFTER = seconds(2);
/** Kubernetes starts a container again so soon. */
const RESTART_AFTER = seconds(5);
/** Deliveries of minutes and lists that lag: quicker than the vendor, and less kind. */
const WORLD: WorldConfigInput = {
  tokens: [{ token: CANARIES.token }],
  delivery: { takes: '4m', jitter: 0.3 },
  release: { takes: '20s', jitter: 0.3 },
  visibility: { lag: '20s' },
};
const KINDS = projectKinds();

/**
 * One cluster, one vendor and the operator's processes in virtual time. The script is the user: it acts at once and lets
 * time pass in between. Same options and same script: same history.
 */
export class Simulation {
  readonly clock = new WholeMillisClock();
  readonly api: ApiServer;
  readonly world: World;
  readonly user: ClusterUser;
  readonly effects: EffectLog;
  readonly logLines: string[] = [];
  /** What went wrong with the run itself: a process that threw, a wait that ended without what was waited for. */
  readonly mishaps: string[] = [];
  /** Uids of objects whose finalizers the script took away: what is left of them is the script's doing. */
  readonly abandoned = new Set<string>();
  /** Servers that the script ordered itself, past the operator: no promise speaks of how many there are. */
  readonly strangers = new Set<string>();
  /** What the operator's processes read from their token file. */
  token: string = CANARIES.token;
  /** What they are configured with when they start next. */
  settings: Partial<OperatorSettings>;
  /** How long the script kept the vendor out of reach: servers are paid for so much longer. */
  outage: Millis = millis(0);
  readonly #options: SimulationOptions;
  readonly #processes: OperatorProcess[] = [];
  #started = 0;
  #isOver = false;

  constructor(options: SimulationOptions) {
    const { seed, faults, world } = options;
    this.#options = options;
    const pages = needsPages(faults);
    this.settings = { ...(pages ? { pageSize: SMALL_PAGE } : {}), ...options.settings };
    this.effects = new EffectLog(faults);
    const chance = seededRandom(seed * 7 + 1);
    this.api = new ApiServer({
      clock: this.clock,
      random: seededRandom(seed * 7 + 2),
      kinds: KINDS,
      latency: {
        request: millis(1),
        reply: millis(1),
        watch: () => millis(1 + Math.floor(chance.next() ** 4 * 400)),
      },
    });
    this.world = World.start(
      readScenario({ seed, ...WORLD, ...(pages ? { servers: FOREIGN_SERVERS } : {}), ...world }),
      VIRTUAL_START,
    );
    this.user = new ClusterUser(this.api);
  }

  /** Starts the first process, and a standby when a fault needs one. */
  start(): void {
    this.#startProcess();
    if (needsStandby(this.#options.faults)) this.clock.setTimer(STANDBY_AFTER, () => this.#startProcess());
  }

  /** Another replica, from now on. */
  startStandby(): void {
    this.#startProcess();
  }

  /** As a rollout with other settings: every process is told to stop and started again. */
  restartWith(settings: Partial<OperatorSettings>): void {
    this.settings = { ...this.settings, ...settings };
    for (const process of this.#processes) process.stop();
  }

  get processes(): readonly OperatorProcess[] {
    return this.#processes;
  }

  pass(length: Millis): Promise<void> {
    return this.clock.advance(length);
  }

  /** Lets time pass until the condition holds. When it does not within the limit, that is a mishap, and the script goes on. */
  async until(what: string, condition: () => boolean, limit: Millis = WAIT_MAX): Promise<void> {
    if (await this.clock.advanceUntil(condition, limit)) return;
    this.mishaps.push(`${formatInstant(this.clock.now())}: waited in vain for: ${what}; ${this.describe()}`);
  }

  /** As `until`, where a fault may have made the stage pass unseen. */
  async untilOr(condition: () => boolean, limit: Millis): Promise<void> {
    await this.clock.advanceUntil(condition, limit);
  }

  objects(): readonly JsonObject[] {
    return this.api.all(FLEXMETALSERVERS);
  }

  object(name: string): JsonObject | undefined {
    return this.api.read(FLEXMETALSERVERS, `default/${name}`);
  }

  isReady(name: string): boolean {
    return conditionOf(this.object(name), 'Ready')['status'] === 'True';
  }

  reasonOf(name: string): string {
    return textOf(conditionOf(this.object(name), 'Ready')['reason']) ?? '';
  }

  /** Those that somebody ordered in this run. */
  liveServers() {
    return this.world
      .lives()
      .filter((life) => life.orderedBy !== '' && life.releasingAt === undefined && life.endedAt === undefined);
  }

  /** What stands where, for the report of a failure. */
  describe(): string {
    const objects = this.objects().map((object) => {
      const ready = conditionOf(object, 'Ready');
      return `${textOf(fieldsOf(object['metadata'])['name'])}: ${textOf(ready['reason'])} (${textOf(ready['message'])})`;
    });
    return objects.length === 0 ? 'no objects' : objects.join('; ');
  }

  /** Ends the faults for good: every process works from now on, and nothing happens to any call. */
  endFaults(): void {
    this.effects.endFaults();
  }

  /** Kills what runs; nothing is started again. */
  end(): void {
    this.#isOver = true;
    for (const process of this.#processes) process.kill();
  }

  /** As people and tools do all the time: nothing that is wanted changes, only the version. */
  #touch(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const manifest = {
      apiVersion: 'flexmetal.i3d.net/v1alpha1',
      kind: 'FlexMetalServer',
      metadata: { namespace, name },
    };
    if (this.user.get(manifest) === undefined) return;
    this.user.annotate(manifest, { 'example.com/touched-at': String(this.clock.monotonic()) });
  }

  /** The lease is another process's from now on, as if it had waited long enough; without one, somebody's who is no more. */
  #takeLease(from: OperatorProcess): void {
    const { namespace, name } = LEASE;
    const manifest = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name } };
    const other = this.#processes.find((process) => process !== from);
    const renewTime = formatMicroTime(this.clock.now());
    const spec = { holderIdentity: other?.identity ?? 'operator-that-is-no-more', renewTime, acquireTime: renewTime };
    this.user.edit(manifest, { spec });
  }

  #startProcess(): void {
    if (this.#isOver) return;
    this.#started += 1;
    const name = `operator-${this.#started}`;
    const process = new OperatorProcess({
      name,
      clock: this.clock,
      random: seededRandom(this.#options.seed * 1_009 + this.#started),
      api: this.api,
      world: this.world,
      effects: this.effects,
      settings: this.settings,
      sabotage: this.#options.sabotage ?? {},
      token: () => this.token,
      log: (line) => void this.logLines.push(line),
      touch: (key) => this.#touch(key),
      takeLease: (from) => this.#takeLease(from),
      onEnd: (end) => {
        if (end?.kind === 'threw') this.mishaps.push(`${name} threw: ${String(end.error)}`);
        this.#processes.splice(this.#processes.indexOf(process), 1);
        this.clock.setTimer(RESTART_AFTER, () => this.#startProcess());
      },
    });
    this.#processes.push(process);
    process.start();
  }
}

/** Two settle windows with their time-outs, a delivery and a restart, and then some. */
const WAIT_MAX = minutes(45);

export function conditionOf(object: JsonObject | undefined, type: string): JsonObject {
  const conditions: Json | undefined = fieldsOf(object?.['status'])['conditions'];
  if (!isList(conditions)) return {};
  return fieldsOf(conditions.find((condition) => fieldsOf(condition)['type'] === type));
}
