import { setTimeout as delay } from 'node:timers/promises';
import type { RunningSimulator } from '../../demo/processes.ts';
import { waitFor } from '../../../test/support/cluster/wait-for.ts';
import { between, kubeCallsOf, perObject } from '../call-counts.ts';
import { median, quantile } from '../numbers.ts';
import { aServerManifest } from '../objects.ts';
import type { BenchResult } from '../result.ts';
import type { Stage } from '../stage.ts';
import { serversPath, UNBRAKED } from '../stage.ts';
import { readCalls, readHistory } from '../vendor.ts';
import { untilRunning } from './burst.ts';

const GOAL_MS = 100;
/** Between two objects, so that the work for one does not disturb the next. */
const PAUSE_MS = 100;
/** The first ones find code that has never run and connections that are not open. */
const WARM_UP = 5;

/** From the reply to an apply until the order arrives at the vendor: what the operator adds, one object at a time. */
export async function benchLatency(stage: Stage, objects: number): Promise<BenchResult> {
  const [namespace, simulator] = [await stage.newNamespace(), await stage.simulator()];
  const operator = await stage.operator(namespace, simulator, { ...UNBRAKED, 'poll-interval-moving': '1s' });
  await untilRunning(operator);
  const meter = new Meter(stage, namespace, simulator);
  for (let index = 0; index < WARM_UP; index += 1) await meter.apply(`warm-up-${index}`);
  const before = { kube: kubeCallsOf(await operator.scrape()), vendor: await readCalls(simulator.url) };
  const times: Applied[] = [];
  for (let index = 0; index < objects; index += 1) times.push(await meter.apply(`server-${index}`));
  const kube = between(before.kube, kubeCallsOf(await operator.scrape()));
  const vendor = between(before.vendor, await readCalls(simulator.url));
  await operator.stop();
  await simulator.process.stop(PAUSE_MS);

  const create = median(times.map(({ createMs }) => createMs));
  const added = times.map(({ addedMs }) => addedMs);
  const row = (what: string, value: number) => ({
    what,
    ratio: { value: value / create, to: 'the apply itself (median)' },
    value,
    unit: 'ms',
  });
  return {
    bench: 'latency',
    title: `From apply to order, ${objects} objects one at a time`,
    measured: [
      row('added by the operator, p50', median(added)),
      { ...row('added by the operator, p99', quantile(added, 0.99)), goalMost: GOAL_MS },
      row('added by the operator, longest', quantile(added, 1)),
      ...perObject('Kubernetes API', kube, objects),
      ...perObject('FlexMetal API', vendor, objects),
    ],
    notes: [
      "from the API server's reply to the create until the POST arrives at the simulator, whole milliseconds of the machine's clock; loopback, budget off",
      'in between: the watch event, a listing of all servers, the intent in two places, a live read of the object, and the simulator',
    ],
  };
}

interface Applied {
  readonly createMs: number;
  readonly addedMs: number;
}

/** Applies objects and watches for their orders. */
class Meter {
  readonly #stage: Stage;
  readonly #namespace: string;
  readonly #simulator: RunningSimulator;
  #seq = 0;

  constructor(stage: Stage, namespace: string, simulator: RunningSimulator) {
    this.#stage = stage;
    this.#namespace = namespace;
    this.#simulator = simulator;
  }

  async apply(name: string): Promise<Applied> {
    const startedAt = performance.now();
    await this.#stage.rest.must('POST', serversPath(this.#namespace), { body: aServerManifest(this.#namespace, name) });
    const createMs = performance.now() - startedAt;
    const createdAt = Date.now();
    await delay(PAUSE_MS);
    const arrivedAt = await waitFor(`the order of ${name} arrives`, () => this.#arrivalOf(name), { everyMs: 50 });
    return { createMs, addedMs: Math.max(0, arrivedAt - createdAt) };
  }

  async #arrivalOf(name: string): Promise<number | undefined> {
    const entries = await readHistory(this.#simulator.url, this.#seq);
    this.#seq = entries.at(-1)?.seq ?? this.#seq;
    return entries.find((entry) => entry.kind === 'request' && entry.name === name)?.at;
  }
}
