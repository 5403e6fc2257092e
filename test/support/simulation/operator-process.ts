import { Secret } from '../../../src/base/secret.ts';
import type { Millis } from '../../../src/base/time.ts';
import { laterBy, millis, monotonic, seconds } from '../../../src/base/time.ts';
import type { Random } from '../../../src/base/random.ts';
import type { OperatorSettings, RunEnd } from '../../../src/controllers/operator.ts';
import { Operator } from '../../../src/controllers/operator.ts';
import type { FlexMetalTransport } from '../../../src/flexmetal/transport.ts';
import type { KubeTransport } from '../../../src/kube/transport.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import type { Metrics } from '../../../src/observability/metrics.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { createScrubber } from '../../../src/observability/scrubber.ts';
import type { World } from '../../../src/simulator/world.ts';
import type { ApiServer } from '../api-server/api-server.ts';
import type { FaultyCall } from '../api-server/faults.ts';
import { simulatedTransport } from '../simulated-transport.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { EffectLog } from './effects.ts';
import { faultyKube } from './faulty-kube.ts';
import { faultyVendor } from './faulty-vendor.ts';
import { ORDER_TIMEOUT, SETTLE_WINDOW } from './lateness.ts';
import { MortalClock } from './mortal-clock.ts';
import type { SurroundingFault } from './plan.ts';
import { strikeSurroundings } from './surroundings.ts';

/** What a test may do to a process's ports, to see that the checks notice. */
export interface Sabotage {
  readonly vendor?: (inner: FlexMetalTransport) => FlexMetalTransport;
  readonly kube?: (inner: KubeTransport) => KubeTransport;
}

export interface ProcessOptions {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly api: ApiServer;
  readonly world: World;
  readonly effects: EffectLog;
  readonly settings: Partial<OperatorSettings>;
  readonly sabotage: Sabotage;
  readonly token: () => string;
  readonly log: (line: string) => void;
  /** Somebody changes an object of ours, `namespace/name`, without any effect on what is wanted. */
  readonly touch: (key: string) => void;
  /** Gives the lease to another process than this one. */
  readonly takeLease: (from: OperatorProcess) => void;
  /** The process is no more: killed (undefined), ended by itself, or broken by a bug. */
  readonly onEnd: (end: RunEnd | { readonly kind: 'threw'; readonly error: unknown } | undefined) => void;
}

export const LEASE = { namespace: 'kube-system', name: 'flexmetal-operator' } as const;

/** The operator's defaults, with a lease that needs fewer renewals: virtual time is cheap, but not free. */
const SETTINGS: OperatorSettings = {
  apiUrl: 'https://api.simulated.example',
  clusterId: undefined,
  mode: 'normal',
  settleWindow: SETTLE_WINDOW,
  orderTimeout: ORDER_TIMEOUT,
  requestTimeout: seconds(30),
  pollIntervalMoving: seconds(15),
  pollIntervalStill: seconds(60),
  pageSize: 100,
  pagesMax: 200,
  requestsPerSecond: 5,
  requestBurst: 10,
  serversMax: 100,
  ordersPerHourMax: 30,
  namespaces: 'all',
  workers: 4,
  lease: {
    ...LEASE,
    times: { leaseDuration: seconds(45), renewDeadline: seconds(30), retryPeriod: seconds(10) },
  },
};

/** One operator process: the real operator over simulated ports, which can be killed, stopped and cut off at any moment. */
export class OperatorProcess {
  readonly name: string;
  readonly metrics: Metrics = createMetrics({ version: 'simulated', nodeVersion: 'simulated' }, 'operator');
  readonly #o: ProcessOptions;
  readonly #clock: MortalClock;
  readonly #stopping = new AbortController();
  readonly #operator: Operator;
  #isDead = false;
  #cutOffUntil = monotonic(0);

  constructor(options: ProcessOptions) {
    this.name = options.name;
    this.#o = options;
    this.#clock = new MortalClock(options.clock);
    const scrubber = createScrubber();
    this.#operator = new Operator(
      { ...SETTINGS, ...options.settings },
      {
        kube: this.#kube(),
        vendor: this.#vendor(),
        tokens: {
          current: async () => {
            const token = new Secret(options.token());
            scrubber.registerSecret(token);
            return { kind: 'token', token };
          },
          refresh: () => undefined,
        },
        clock: this.#clock,
        random: options.random,
        log: createLogger({ level: 'debug', clock: this.#clock, scrubber, destination: { write: options.log } }),
        metrics: this.metrics,
        onSecret: (secret) => scrubber.registerSecret(secret),
        name: options.name,
        version: 'simulated',
      },
    );
  }

  get isLeading(): boolean {
    return !this.#isDead && this.#operator.isLeading;
  }

  /** What it signs the lease with. */
  get identity(): string {
    return this.#operator.identity;
  }

  start(): void {
    const ended = (end: Parameters<ProcessOptions['onEnd']>[0]): void => {
      if (this.#isDead) return;
      this.#bury();
      this.#o.onEnd(end);
    };
    this.#operator.run(this.#stopping.signal).then(ended, (error: unknown) => ended({ kind: 'threw', error }));
  }

  /** As SIGKILL: nothing it has begun ever ends for it. */
  kill(): void {
    if (this.#isDead) return;
    this.#bury();
    this.#o.onEnd(undefined);
  }

  /** As SIGTERM. */
  stop(): void {
    this.#stopping.abort();
  }

  /** As SIGSTOP, and SIGCONT so much later. */
  freeze(length: Millis): void {
    this.#clock.freeze(length);
  }

  #bury(): void {
    this.#isDead = true;
    this.#clock.kill();
    this.#o.api.kill(this.name);
  }

  readonly #strike = (fault: SurroundingFault): void => {
    const { api, world, clock, name, takeLease } = this.#o;
    strikeSurroundings(
      {
        api,
        world,
        name,
        stop: () => this.stop(),
        cutOff: (length) => {
          this.#cutOffUntil = laterBy(clock.monotonic(), length);
        },
        jumpWall: (by) => this.#clock.jumpWall(by),
        takeLease: () => takeLease(this),
      },
      fault,
    );
  };

  #kube(): KubeTransport {
    const { api, clock, effects, name, sabotage, touch } = this.#o;
    const transport = faultyKube({
      transportWith: (faults) => api.transportFor(name, faults),
      clock: this.#clock,
      isDead: () => this.#isDead,
      isCutOff: () => clock.monotonic() < this.#cutOffUntil,
      effect: (call) => effects.next(clock.now(), name, labelOf(call)),
      kill: () => this.kill(),
      touch: (call) => touch(`${call.namespace ?? ''}/${call.name ?? ''}`),
      strike: this.#strike,
    });
    return sabotage.kube?.(transport) ?? transport;
  }

  #vendor(): FlexMetalTransport {
    const { world, clock, effects, name, sabotage } = this.#o;
    const inner = simulatedTransport({
      world,
      clock,
      latency: { connect: millis(20), there: millis(40), back: millis(40) },
    });
    const transport = faultyVendor({
      inner,
      clock,
      processClock: this.#clock,
      isDead: () => this.#isDead,
      effect: ({ method, path }) => effects.next(clock.now(), name, `vendor ${method} ${path}`),
      kill: () => this.kill(),
      strike: this.#strike,
    });
    return sabotage.vendor?.(transport) ?? transport;
  }
}

const labelOf = ({ verb, namespace, name, endpoint }: FaultyCall): string =>
  `kube ${verb} ${namespace ?? ''}/${name ?? ''}${endpoint === 'status' ? '/status' : ''}`;
