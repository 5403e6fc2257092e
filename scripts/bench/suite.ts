import { benchBurst } from './benches/burst.ts';
import type { ReadyFleet } from './benches/burst.ts';
import { benchCalls } from './benches/calls.ts';
import { benchDecisions } from './benches/decisions.ts';
import { benchIdle } from './benches/idle.ts';
import { benchLatency } from './benches/latency.ts';
import { benchMemory } from './benches/memory.ts';
import { benchStart } from './benches/start.ts';
import type { BenchName, BenchOptions } from './options.ts';
import type { BenchResult } from './result.ts';
import { Stage } from './stage.ts';

/** Starts what a bench needs when it needs it. */
export class Suite {
  readonly #options: BenchOptions;
  #stage: Promise<Stage> | undefined;
  #fleet: Promise<ReadyFleet> | undefined;

  constructor(options: BenchOptions) {
    this.#options = options;
  }

  async run(name: BenchName): Promise<BenchResult> {
    const { objects, idleSeconds, latencyObjects, memoryObjects } = this.#options;
    switch (name) {
      case 'decisions':
        return benchDecisions();
      case 'calls':
        return benchCalls();
      case 'start':
        return benchStart(await this.#open());
      case 'latency':
        return benchLatency(await this.#open(), latencyObjects);
      case 'burst':
        return (await this.#ready()).result;
      case 'idle':
        return benchIdle(await this.#open(), await this.#ready(), objects, idleSeconds);
      case 'memory':
        return benchMemory(await this.#open(), memoryObjects);
    }
  }

  async close(): Promise<void> {
    await (await this.#stage)?.close();
  }

  #open(): Promise<Stage> {
    this.#stage ??= Stage.open((line) => void process.stderr.write(`${line}\n`));
    return this.#stage;
  }

  async #ready(): Promise<ReadyFleet> {
    const stage = await this.#open();
    this.#fleet ??= benchBurst(stage, this.#options.objects);
    return this.#fleet;
  }
}
