import { seededRandom } from '../../src/base/random.ts';
import { millis, seconds } from '../../src/base/time.ts';
import type { KubeRequest, KubeResult, KubeTransport, KubeWatch } from '../../src/kube/transport.ts';
import { ApiServer } from '../support/api-server/api-server.ts';
import type { FaultPlan } from '../support/api-server/faults.ts';
import { fieldsOf, toJsonObject } from '../support/api-server/json.ts';
import { aSample, SAMPLE_KINDS, samplesPath } from '../support/api-server/sample.ts';
import { ClusterUser } from '../support/api-server/user.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

export const PATH = samplesPath('default');
export const TIMEOUT = seconds(10);
export const LATENCY = { request: millis(1), reply: millis(1), watch: millis(5) };

/** A server with one client and one user, in virtual time. */
export function aCluster(seed = 1) {
  const clock = new VirtualClock();
  const server = new ApiServer({ clock, random: seededRandom(seed), kinds: SAMPLE_KINDS, latency: LATENCY });
  return { clock, server, user: new ClusterUser(server), client: server.transportFor('operator') };
}

export const aMergePatch = (name: string, patch: object, endpoint: 'main' | 'status' = 'main'): KubeRequest => ({
  method: 'PATCH',
  path: `${PATH}/${name}${endpoint === 'status' ? '/status' : ''}`,
  contentType: 'application/merge-patch+json',
  body: JSON.stringify(patch),
});

export const aCreation = (name: string): KubeRequest => ({
  method: 'POST',
  path: PATH,
  contentType: 'application/json',
  body: JSON.stringify(aSample(name)),
});

/** What a call has come to so far: `pending` as long as it has not ended. */
export interface Pending<T> {
  result: T | 'pending';
}

export function follow<T>(promise: Promise<T>): Pending<T> {
  const pending: Pending<T> = { result: 'pending' };
  void promise.then((result) => (pending.result = result));
  return pending;
}

export const sendWith = (server: ApiServer, faults: FaultPlan, request: KubeRequest): Pending<KubeResult> =>
  follow(server.transportFor('operator', faults).send(request, { timeout: TIMEOUT }));

/** The lines of an open watch as words: `ADDED one 3`, `ended`, `broken: idle`. */
export interface Watching {
  readonly lines: string[];
  readonly abort: AbortController;
  readonly opened: Pending<KubeWatch>;
}

export function watching(client: KubeTransport, query: string, idleTimeout = seconds(300)): Watching {
  const abort = new AbortController();
  const lines: string[] = [];
  const opening = client.watch(
    { method: 'GET', path: `${PATH}?watch=true${query}` },
    { idleTimeout, signal: abort.signal },
  );
  void opening.then((watch) => (watch.kind === 'open' ? collect(watch.lines, lines) : undefined));
  return { lines, abort, opened: follow(opening) };
}

async function collect(source: AsyncIterable<unknown>, lines: string[]): Promise<void> {
  try {
    for await (const line of source) lines.push(describeLine(line));
    lines.push('ended');
  } catch (error) {
    lines.push(error instanceof Error && 'reason' in error ? `broken: ${String(error.reason)}` : 'thrown');
  }
}

function describeLine(line: unknown): string {
  const { type, object } = toJsonObject(line);
  const metadata = fieldsOf(fieldsOf(object)['metadata']);
  const words =
    type === 'ERROR' ? [type, fieldsOf(object)['code']] : [type, metadata['name'], metadata['resourceVersion']];
  return words.flatMap((word) => (word === undefined ? [] : [JSON.stringify(word).replaceAll('"', '')])).join(' ');
}
