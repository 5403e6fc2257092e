import { describe, expect, test } from 'vitest';
import { millis } from '../../src/base/time.ts';
import type { HttpRequest, HttpResult } from '../../src/flexmetal/transport.ts';
import { FaultRule } from '../../src/simulator/faults.ts';
import type { SimulatedTransportOptions } from './simulated-transport.ts';
import { simulatedTransport } from './simulated-transport.ts';
import { AN_ORDER, aWorld } from './simulated-world.ts';
import { VirtualClock } from './virtual-clock.ts';

const ORDER: HttpRequest = {
  method: 'POST',
  path: '/v3/flexMetal/servers',
  headers: { 'private-token': 'simulator-token' },
  body: JSON.stringify(AN_ORDER),
};
const LIMIT = { timeout: millis(10_000) };

function set(options: Partial<SimulatedTransportOptions> = {}, fault?: object) {
  const clock = new VirtualClock();
  const { world } = aWorld();
  if (fault !== undefined) world.addFault(FaultRule.parse({ do: fault }));
  const transport = simulatedTransport({ world, clock, ...options });
  return { clock, world, transport };
}

/** What came of a request after `ms`: its result in short, or `pending`. */
async function after(clock: VirtualClock, sending: Promise<HttpResult>, ms: number): Promise<string> {
  let seen = 'pending';
  const watch = async (): Promise<void> => {
    const result = await sending;
    seen = result.kind === 'reply' ? `reply ${result.status}` : `${result.sent} ${result.cause}`;
  };
  void watch();
  await clock.advance(ms);
  return seen;
}

describe('a request over the simulated transport', () => {
  test.each([
    ['is answered at once without latency', {}, undefined, 0, 'reply 200', 1],
    ['waits for the way there', { latency: { there: millis(5) } }, undefined, 4, 'pending', 0],
    ['waits for the way back', { latency: { there: millis(5), back: millis(5) } }, undefined, 9, 'pending', 1],
    ['comes back in the end', { latency: { there: millis(5), back: millis(5) } }, undefined, 10, 'reply 200', 1],
    [
      'times out on its way there, and arrives',
      { latency: { there: millis(20_000) } },
      undefined,
      20_000,
      'maybe timeout',
      1,
    ],
    ['times out when the API hangs', {}, { answer: { kind: 'hang' } }, 10_000, 'maybe timeout', 1],
    ['hangs until then', {}, { answer: { kind: 'hang' } }, 9_999, 'pending', 1],
    ['is reset', {}, { answer: { kind: 'reset' } }, 0, 'maybe ECONNRESET', 1],
    ['is cut short', {}, { answer: { kind: 'truncate' } }, 0, 'maybe UND_ERR_SOCKET', 1],
    ['drips for too long', {}, { answer: { kind: 'slow', bytes: 1, every: '1s' } }, 10_000, 'maybe timeout', 1],
    ['drips and comes whole', {}, { answer: { kind: 'slow', bytes: 1000, every: '1s' } }, 1_000, 'reply 200', 1],
    ['is too much', {}, { answer: { kind: 'spoil', how: 'huge' } }, 0, 'maybe UND_ERR_RES_EXCEEDED_MAX_SIZE', 1],
    ['is much but not too much', {}, { answer: { kind: 'spoil', how: 'huge', bytes: 10_000 } }, 0, 'reply 200', 1],
    ['is answered late', {}, { replyAfter: '3s' }, 3_000, 'reply 200', 1],
    ['takes effect late', {}, { commit: { after: '3s' } }, 2_999, 'pending', 0],
    ['takes effect late and is answered then', {}, { commit: { after: '3s' } }, 3_000, 'reply 200', 1],
    ['takes effect after it timed out', {}, { commit: { after: '15s' } }, 15_000, 'maybe timeout', 1],
  ])('%s', async (_name, options, fault, ms, seen, servers) => {
    const { clock, world, transport } = set(options, fault);
    expect(await after(clock, transport.send(ORDER, LIMIT), ms)).toBe(seen);
    expect(world.servers()).toHaveLength(servers);
  });

  test('takes effect within send when there is no latency', () => {
    const { world, transport } = set();
    void transport.send(ORDER, LIMIT);
    expect(world.servers()).toHaveLength(1);
  });

  test.each([
    ['before it is sent', true, 0],
    ['on its way', false, 1],
  ])('ends when it is aborted %s', async (_name, early, servers) => {
    const { clock, world, transport } = set({ latency: { there: millis(5) } });
    const controller = new AbortController();
    if (early) controller.abort();
    const sending = transport.send(ORDER, { ...LIMIT, signal: controller.signal });
    controller.abort();
    expect(await after(clock, sending, 0)).toBe('maybe aborted');
    await clock.advance(5);
    expect(world.servers()).toHaveLength(servers);
  });

  test('leaves no timer behind', async () => {
    const { clock, transport } = set();
    await transport.send(ORDER, LIMIT);
    expect(clock.pendingTimers).toBe(0);
  });

  test('sees the world by its own time when told so', async () => {
    const { clock, world } = set();
    const begin = world.now;
    const transport = simulatedTransport({ world, clock, worldTime: () => begin });
    clock.jumpWall(3_600_000);
    await transport.send(ORDER, LIMIT);
    expect(world.now).toBe(begin);
  });
});

describe('a hook', () => {
  const die = () => ({ kind: 'die' }) as const;
  const fail = () => ({ kind: 'fail', cause: 'cut' }) as const;
  test.each([
    ['kills before the request is sent', { beforeSend: die }, 'pending', 0],
    ['kills after it took effect', { afterCommit: die }, 'pending', 1],
    ['kills before the reply is told', { beforeReply: die }, 'pending', 1],
    ['fails before the request is sent', { beforeSend: fail }, 'maybe cut', 0],
    ['fails after it took effect', { afterCommit: fail }, 'maybe cut', 1],
    ['fails before the reply is told', { beforeReply: fail }, 'maybe cut', 1],
  ])('%s', async (_name, hooks, seen, servers) => {
    const { clock, world, transport } = set({ hooks });
    expect(await after(clock, transport.send(ORDER, LIMIT), 60_000)).toBe(seen);
    expect(world.servers()).toHaveLength(servers);
    expect(clock.pendingTimers).toBe(0);
  });

  test('counts the exchanges', async () => {
    const seen: number[] = [];
    const { transport } = set({ hooks: { beforeSend: (_request, seq) => void seen.push(seq) } });
    await transport.send(ORDER, LIMIT);
    await transport.send(ORDER, LIMIT);
    expect(seen).toEqual([1, 2]);
  });
});

describe('a fresh connection', () => {
  test.each([
    ['is open at once', {}, 0, 'open'],
    ['takes its time', { latency: { connect: millis(5) } }, 4, 'pending'],
    ['is open then', { latency: { connect: millis(5) } }, 5, 'open'],
    ['times out', { latency: { connect: millis(20_000) } }, 10_000, 'UND_ERR_CONNECT_TIMEOUT'],
    [
      'is refused',
      { hooks: { connecting: () => ({ kind: 'fail', cause: 'ECONNREFUSED' }) as const } },
      0,
      'ECONNREFUSED',
    ],
    ['kills', { hooks: { connecting: () => ({ kind: 'die' }) as const } }, 60_000, 'pending'],
  ])('%s', async (_name, options, ms, expected) => {
    const { clock, world, transport } = set(options);
    let seen = 'pending';
    const watch = async (): Promise<void> => {
      const result = await transport.connect(LIMIT);
      seen = 'kind' in result ? result.cause : 'open';
    };
    void watch();
    await clock.advance(ms);
    expect(seen).toBe(expected);
    expect(world.servers()).toHaveLength(0);
  });

  test('carries one request and none after it was closed', async () => {
    const { clock, world, transport } = set();
    const connecting = transport.connect(LIMIT);
    await clock.advance(0);
    const connection = await connecting;
    if ('kind' in connection) throw new Error('not connected');
    expect(await after(clock, connection.send(ORDER, LIMIT), 0)).toBe('reply 200');
    expect(() => connection.send(ORDER, LIMIT)).toThrow('one request');
    expect(world.servers()).toHaveLength(1);
  });
});
