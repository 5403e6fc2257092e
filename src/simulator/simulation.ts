import type { Clock } from '../base/clock.ts';
import type { WorldConfig } from './config.ts';
import { World } from './world.ts';

/** The one world that the HTTP shell and its admin endpoint share; it can be begun anew. */
export class Simulation {
  readonly #clock: Clock;
  readonly #config: WorldConfig;
  #world: World;

  constructor(config: WorldConfig, clock: Clock) {
    this.#clock = clock;
    this.#config = config;
    this.#world = World.start(config, clock.now());
  }

  get world(): World {
    return this.#world;
  }

  get clock(): Clock {
    return this.#clock;
  }

  /** Forgets everything: the first scenario again, or another one. */
  reset(config: WorldConfig = this.#config): void {
    this.#world = World.start(config, this.#clock.now());
  }
}
