import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../src/base/random.ts';
import { waitFor } from '../../test/support/cluster/wait-for.ts';
import { about } from './about.ts';
import type { Happening } from './breakages.ts';
import { breakagesOf, killTimes } from './breakages.ts';
import { Fleet } from './fleet.ts';
import { deleteAll, settle } from './calm.ts';
import { isLull, isSettled } from './lull.ts';
import { liveMost, livesOf } from './lives.ts';
import type { Life } from './lives.ts';
import { reasonOf } from './objects.ts';
import type { SoakOptions } from './options.ts';
import { allPromises } from './all-promises.ts';
import type { SoakResult } from './result.ts';
import type { Phase, Sample } from './sample.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';
import { rage } from './storm.ts';
import { countBy, Tally } from './tally.ts';
import { minutesOf, restOf, trendsOf } from './trends.ts';
import { Users } from './users.ts';

const SAMPLE_MS = 5_000;
const LOOK_MS = 3_000;
const MINUTE_MS = 60_000;
/** The simulator lets idle connections stand for a minute; after that the process holds what it always holds. */
const REST_MS = 75_000;
const REST_LOOKS_MS = 15_000;
const FOREIGN_SERVERS = 3;
/** A retry may be five minutes away, and a release without effect is repeated after ten. */
const CALM_TIMEOUT_MS = 15 * MINUTE_MS;

/** Runs one soak from the first process to the last check. Throws when it could not be carried out. */
export async function runSoak(options: SoakOptions, log: (line: string) => void): Promise<SoakResult> {
  const breakages = new Tally();
  const stage = await openStage({ ...options, breakages, log });
  try {
    return await new Soak(options, stage, breakages, log).run();
  } finally {
    await stage.close();
  }
}

class Soak {
  readonly #options: SoakOptions;
  readonly #stage: Stage;
  readonly #breakages: Tally;
  readonly #log: (line: string) => void;
  readonly #fleet: Fleet;
  readonly #users: Users;
  readonly #did = new Tally();
  readonly #random;
  readonly #startedAt = performance.now();
  readonly #samples: Sample[] = [];
  #phase: Phase = 'empty';
  #stormAt = 0;

  constructor(options: SoakOptions, stage: Stage, breakages: Tally, log: (line: string) => void) {
    this.#options = options;
    this.#stage = stage;
    this.#breakages = breakages;
    this.#log = log;
    this.#random = seededRandom(options.seed);
    this.#fleet = new Fleet(stage.rest, stage.namespace);
    this.#users = new Users({
      rest: stage.rest,
      fleet: this.#fleet,
      random: this.#random,
      objects: options.objects,
      did: this.#did,
    });
  }

  async run(): Promise<SoakResult> {
    const { vendor, keeper, token } = this.#stage;
    const sampling = new AbortController();
    const sampled = this.#keepSampling(sampling.signal);
    try {
      for (let server = 1; server <= FOREIGN_SERVERS; server += 1)
        await vendor.orderAsSomebodyElse(token.current, foreignOrder(server));
      this.#enter('empty');
      keeper.start();
      await this.#untilAnswering();
      await delay(Math.min(REST_MS, (this.#options.minutes * MINUTE_MS) / 10));

      this.#enter('storm');
      this.#stormAt = performance.now();
      await rage(this.#happenings(), this.#options.minutes * MINUTE_MS);

      this.#enter('calm');
      const faults = await vendor.faultHits();
      token.write();
      const attended = {
        fleet: this.#fleet,
        users: this.#users,
        lives: async () => livesOf(await vendor.history()),
        timeoutMs: CALM_TIMEOUT_MS,
        log: this.#log,
      };
      const stormOverAt = performance.now();
      const unsettled = await settle(attended);
      const restedAt = performance.now();
      const calmLives = livesOf(await vendor.history());
      const settledObjects = this.#fleet.objects;

      this.#enter('emptying');
      const leftover = await deleteAll(attended);
      const goneAt = performance.now();

      this.#enter('rest');
      await delay(REST_MS + REST_LOOKS_MS);
      sampling.abort();
      await sampled;
      const history = await vendor.history();
      const exitCode = await keeper.stop();
      const lives = livesOf(history);
      const trends = trendsOf(this.#samples);
      const atRest = { first: this.#rest('empty'), last: this.#rest('rest') };
      const promises = allPromises({
        history,
        lives,
        calmLives,
        objects: this.#fleet.records,
        settledObjects,
        unsettled,
        leftover,
        samples: this.#samples,
        trends,
        atRest,
        users: this.#users,
        keeper,
        exitCode,
        tokens: token.all,
      });
      return {
        ...about(this.#options, performance.now() - this.#startedAt),
        passed: promises.every(({ broken }) => broken.length === 0),
        promises,
        trends,
        atRest,
        calm: {
          restAfterSeconds: Math.round((restedAt - stormOverAt) / 1_000),
          goneAfterSeconds: Math.round((goneAt - restedAt) / 1_000),
          atRest: countBy(settledObjects, reasonOf),
        },
        did: { users: this.#did.counts(), vendorFaults: faults, breakages: this.#breakages.counts() },
        traffic: {
          objectsEver: this.#fleet.records.size,
          orders: history.filter((entry) => entry.kind === 'request' && entry.operation === ORDER).length,
          servers: lives.length,
          serversLiveMost: liveMost(lives),
          vendorCallsPerMinute: this.#perMinute(({ vendorCalls }) => vendorCalls),
          kubeCallsPerMinute: this.#perMinute(({ kubeCalls }) => kubeCalls),
          longestPaidAfterDeleteSeconds: this.#longestPaid(lives),
        },
        minutes: minutesOf(this.#samples),
      };
    } finally {
      sampling.abort();
      await sampled;
    }
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#log(`${this.#minutes().toFixed(1)} min: ${PHASES[phase]}`);
  }

  #happenings(): readonly Happening[] {
    const { minutes, objects } = this.#options;
    const storm = {
      stage: this.#stage,
      fleet: this.#fleet,
      random: this.#random,
      breakages: this.#breakages,
      pace: Math.min(1, Math.max(0.2, minutes / 10)),
    };
    const actEveryMs = Math.min(1_000, Math.max(200, 250_000 / objects));
    const kills = killTimes(minutes).map((share, index, all) => (share - (all[index - 1] ?? 0)) * minutes * MINUTE_MS);
    return [
      { pause: () => LOOK_MS, happen: () => this.#look() },
      this.#butInLulls({
        pause: () => (this.#users.isFilling ? FILL_MS : actEveryMs),
        happen: () => this.#users.act(),
      }),
      { pause: () => kills.shift() ?? NEVER_MS, happen: async () => this.#stage.keeper.kill() },
      ...breakagesOf(storm).map((breakage) => this.#butInLulls(breakage)),
    ];
  }

  #butInLulls({ pause, happen }: Happening): Happening {
    return {
      pause,
      happen: async () => {
        // Late rather than never: some things happen but once or twice in a storm.
        while (isLull(performance.now() - this.#stormAt)) await delay(LOOK_MS);
        await happen();
      },
    };
  }

  async #look(): Promise<void> {
    try {
      await this.#fleet.look();
    } catch (error) {
      // The API server is away; the next look comes soon.
      if (!(error instanceof Error)) throw error;
    }
  }

  async #untilAnswering(): Promise<void> {
    const moment = { at: 0, phase: 'empty', isLull: false } as const;
    await waitFor('the operator answers', () => this.#stage.keeper.look(moment), {
      timeoutMs: MINUTE_MS,
      everyMs: 500,
    });
  }

  async #keepSampling(over: AbortSignal): Promise<void> {
    let told = 0;
    while (!over.aborted) {
      const sample = await this.#stage.keeper.look({
        at: performance.now() - this.#startedAt,
        phase: this.#phase,
        isLull: this.#phase === 'storm' && isSettled(performance.now() - this.#stormAt),
      });
      if (sample !== undefined) this.#samples.push(sample);
      if (sample !== undefined && this.#minutes() >= told + 1) {
        told = Math.floor(this.#minutes());
        this.#log(
          `${told} min: RSS ${sample.rssMiB.toFixed(0)} MiB, heap ${sample.heapMiB.toFixed(0)} MiB (${(sample.collectedMiB ?? 0).toFixed(1)} after a collection), ${sample.fileDescriptors} descriptors, ${sample.timers} timers, ${sample.objects} objects, ${sample.queued} queued`,
        );
      }
      await delay(SAMPLE_MS, undefined, { signal: over }).catch(() => undefined);
    }
  }

  #rest(phase: Phase) {
    const seen = this.#samples.filter((sample) => sample.phase === phase);
    const last = seen.at(-1);
    return restOf(seen.filter(({ at }) => at >= (last?.at ?? 0) - REST_LOOKS_MS));
  }

  #perMinute(of: (sample: Sample) => number): number {
    const storm = this.#samples.filter(({ phase }) => phase === 'storm');
    const byProcess = Object.values(Object.groupBy(storm, ({ process }) => process)).map((run) => run ?? []);
    const calls = byProcess.reduce((total, run) => total + Math.max(0, ...run.map(of)), 0);
    return Math.round(calls / this.#options.minutes);
  }

  #longestPaid(lives: readonly Life[]): number | undefined {
    const paid = lives.flatMap(({ uids, endedAt, orderedAt }) =>
      uids.flatMap((uid) => {
        const askedAt = this.#fleet.records.get(uid)?.deleteAskedAt;
        return askedAt === undefined || endedAt === undefined ? [] : [(endedAt - Math.max(askedAt, orderedAt)) / 1_000];
      }),
    );
    return paid.length === 0 ? undefined : Math.round(Math.max(0, ...paid));
  }

  #minutes(): number {
    return (performance.now() - this.#startedAt) / MINUTE_MS;
  }
}

const ORDER = 'createFlexMetalServer';
/** Between two creations while objects are missing. */
const FILL_MS = 50;
/** Longer than any soak; the longest time that a timer of Node takes. */
const NEVER_MS = 2_147_483_647;

const PHASES = {
  empty: 'the operator runs without objects',
  storm: 'the storm',
  calm: 'the storm is over; all objects come to rest',
  emptying: 'all objects are deleted',
  rest: 'the operator runs without objects again',
} as const satisfies Record<Phase, string>;

const foreignOrder = (server: number): object => ({
  name: `somebody-elses-${server}`,
  location: 'EU: Rotterdam',
  instanceType: 'bm7.std.8',
  os: { slug: 'ubuntu-2404-lts' },
  sshKey: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE them@example.com'],
  // Some people tag their servers, and some do not.
  tags: server === 1 ? [] : ['billing:them'],
});
