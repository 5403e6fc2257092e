import type { Millis } from '../../../src/base/time.ts';
import { millis, minutes, seconds } from '../../../src/base/time.ts';
import type { World } from '../../../src/simulator/world.ts';
import type { ApiServer } from '../api-server/api-server.ts';
import { simulatedTransport } from '../simulated-transport.ts';
import type { EffectLog } from '../simulation/effects.ts';
import { faultyKube } from '../simulation/faulty-kube.ts';
import { faultyVendor } from '../simulation/faulty-vendor.ts';
import { MortalClock } from '../simulation/mortal-clock.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { CallFailed, ModelCalls } from './calls.ts';
import type { Model, Verdict } from './model.ts';

export interface ModelProcessOptions {
  readonly name: string;
  readonly model: Model;
  readonly clock: VirtualClock;
  readonly api: ApiServer;
  readonly world: World;
  readonly effects: EffectLog;
  /** Somebody else changes the object, without any effect on what is wanted. */
  readonly touch: () => void;
  readonly onVerdict: (verdict: Verdict) => void;
  readonly onDeath: () => void;
}

/** How soon a model looks again. An error counts as `again`. */
const NEXT_PASS: Readonly<Record<Verdict, Millis>> = { again: seconds(5), rest: minutes(1), person: minutes(1) };

/** One process of a model: pass after pass over ports with faults, until it is killed. It runs alone, without a standby. */
export class ModelProcess {
  readonly #o: ModelProcessOptions;
  readonly #clock: MortalClock;
  readonly #calls: ModelCalls;
  #isDead = false;

  constructor(options: ModelProcessOptions) {
    const { clock, api, world, effects, name } = options;
    this.#o = options;
    this.#clock = new MortalClock(clock);
    const alone = (): never => {
      throw new Error('a model has neither standby nor surroundings');
    };
    const ports = { isDead: () => this.#isDead, kill: () => this.kill(), strike: alone };
    this.#calls = new ModelCalls({
      clock: this.#clock,
      kube: faultyKube({
        ...ports,
        clock: this.#clock,
        transportWith: (faults) => api.transportFor(name, faults),
        isCutOff: () => false,
        effect: ({ verb, endpoint }) => effects.next(clock.now(), name, `kube ${verb} object/${endpoint}`),
        touch: options.touch,
      }),
      vendor: faultyVendor({
        ...ports,
        clock,
        processClock: this.#clock,
        inner: simulatedTransport({ world, clock, latency: { there: millis(40), back: millis(40) } }),
        effect: ({ method, path }) => effects.next(clock.now(), name, `vendor ${method} ${path}`),
      }),
    });
  }

  start(): void {
    this.#pass().then(
      (verdict) => this.#clock.setTimer(NEXT_PASS[verdict], () => this.start()),
      (error: unknown) => {
        if (!(error instanceof CallFailed)) throw error;
        this.#clock.setTimer(NEXT_PASS.again, () => this.start());
      },
    );
  }

  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#clock.kill();
    this.#o.api.kill(this.#o.name);
    this.#o.onDeath();
  }

  async #pass(): Promise<Verdict> {
    const object = await this.#calls.object();
    const verdict = object === undefined ? 'rest' : await this.#o.model.reconcile(this.#calls, object);
    this.#o.onVerdict(verdict);
    return verdict;
  }
}
