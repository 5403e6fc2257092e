import { setTimeout as delay } from 'node:timers/promises';
import type { OperatorProcess } from '../../test/cluster/support/operator-process.ts';
import { waitFor } from '../../test/support/cluster/wait-for.ts';

/** Starting, and waiting for the Lease of a predecessor, on a machine that is busy. */
const LEADS_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 50;
/** For a process that ended without being killed: one that cannot start must not be started in a circle without pause. */
const RESTART_PAUSE_MS = 500;
const GRACE_MS = 10_000;

export interface ReplicasOptions {
  readonly start: () => Promise<OperatorProcess>;
  /** Who holds the Lease, by its name; undefined when nobody does. */
  readonly holder: () => Promise<string | undefined>;
}

/** The operator's processes of one lane. As Kubernetes does, it starts another for every one that ends. */
export class Replicas {
  readonly #options: ReplicasOptions;
  readonly #running = new Set<OperatorProcess>();
  readonly #slots = new Set<Promise<void>>();
  #wanted = 0;
  /** The end of the last log of a process that ended without being killed, for an error message. */
  #lastWords = '';
  readonly #broken = Promise.withResolvers<never>();

  constructor(options: ReplicasOptions) {
    this.#options = options;
    // Nobody need be waiting when a process cannot be started.
    this.#broken.promise.catch(() => undefined);
  }

  /** Sets how many there are from now on. Resolves when one of them leads and all are started. */
  async scale(count: number): Promise<void> {
    this.#wanted = count;
    while (this.#slots.size < count) {
      const slot = this.#keepOne().finally(() => this.#slots.delete(slot));
      this.#slots.add(slot);
    }
    const leader = await this.leader();
    const surplus = [...this.#running].filter((process) => process !== leader).slice(count - 1);
    await Promise.all(surplus.map((process) => process.stop(GRACE_MS)));
    await this.#when('all are started', () => (this.#running.size === count ? true : undefined));
  }

  /** The process that holds the Lease. Waits for one. */
  leader(): Promise<OperatorProcess> {
    return this.#leaderOtherThan(undefined);
  }

  /** SIGKILL to the leader. Resolves when it has ended. */
  async killLeader(): Promise<void> {
    const leader = await this.leader();
    leader.kill('SIGKILL');
    await leader.ended;
  }

  /** SIGSTOP to the leader. Resolves when another leads, with what wakes it. */
  async freezeLeader(): Promise<() => void> {
    const leader = await this.leader();
    leader.kill('SIGSTOP');
    try {
      await this.#leaderOtherThan(leader);
    } catch (error) {
      leader.kill('SIGCONT');
      throw error;
    }
    return () => leader.kill('SIGCONT');
  }

  /** Lets `giveAway` free the Lease, and resolves when another process than before holds it. */
  async takeLease(giveAway: () => Promise<void>): Promise<void> {
    const before = await this.leader();
    await giveAway();
    await this.#leaderOtherThan(before);
  }

  /** Kills what runs; nothing is started again. */
  async close(): Promise<void> {
    this.#wanted = 0;
    for (const process of this.#running) process.kill('SIGKILL');
    await Promise.all(this.#slots);
  }

  /** One process after the other, until there are more of these loops than wanted. */
  async #keepOne(): Promise<void> {
    try {
      while (this.#slots.size <= this.#wanted) {
        const process = await this.#options.start();
        this.#running.add(process);
        if (this.#wanted === 0) process.kill('SIGKILL');
        const { signal } = await process.ended;
        this.#running.delete(process);
        if (signal === 'SIGKILL') continue;
        this.#lastWords = process.tail();
        await delay(RESTART_PAUSE_MS);
      }
    } catch (error) {
      this.#broken.reject(error);
    }
  }

  #leaderOtherThan(other: OperatorProcess | undefined): Promise<OperatorProcess> {
    return this.#when(other === undefined ? 'a process leads' : `another than ${other.name} leads`, async () => {
      const holder = await this.#options.holder();
      return [...this.#running].find((process) => process !== other && process.name === holder);
    });
  }

  async #when<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
    try {
      const asked = waitFor(what, ask, { timeoutMs: LEADS_WITHIN_MS, everyMs: LOOK_EVERY_MS });
      return await Promise.race([asked, this.#broken.promise]);
    } catch (error) {
      throw new Error(`${what}: never. What the last process said that ended by itself: ${this.#lastWords}`, {
        cause: error,
      });
    }
  }
}
