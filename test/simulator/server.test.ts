import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Agent, request } from 'undici';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { DEFAULT_TOKEN } from '../../src/simulator/config.ts';
import { readScenario } from '../../src/simulator/scenario.ts';
import type { SimulatorServer } from '../../src/simulator/server.ts';
import { startSimulatorServer } from '../../src/simulator/server.ts';
import { Simulation } from '../../src/simulator/simulation.ts';
import { AN_ORDER } from '../support/simulated-world.ts';

const SERVERS = '/v3/flexMetal/servers';
let simulation: Simulation;
let server: SimulatorServer;
let agent: Agent;
let lines: string[];

beforeEach(async () => {
  lines = [];
  simulation = new Simulation(readScenario({}), systemClock);
  server = await startSimulatorServer({ simulation, port: 0, log: (line) => lines.push(line) });
  agent = new Agent({ allowH2: false });
});

afterEach(async () => {
  await agent.destroy();
  await server.close();
});

interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

async function send(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  token = DEFAULT_TOKEN,
): Promise<Seen> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const reply = await request(`${server.url}${path}`, {
    dispatcher: agent,
    method,
    headers: { 'private-token': token },
    body: text ?? null,
  });
  return { status: reply.statusCode, headers: reply.headers, body: await reply.body.text() };
}

/** What an error calls itself, for requests that must fail. */
async function failure(sending: Promise<unknown>): Promise<string> {
  try {
    await sending;
  } catch (error) {
    return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : nameOf(error);
  }
  return 'none';
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

const fault = (answer: object, more: object = {}): Promise<Seen> =>
  send('POST', '/__sim/faults', { match: { nth: 1 }, do: { answer, ...more } });

describe('over HTTP', () => {
  test('the world answers as it does without', async () => {
    const ordered = await send('POST', SERVERS, AN_ORDER);
    expect(ordered.status).toBe(200);
    expect(ordered.headers).toMatchObject({
      'content-type': 'application/json',
      'x-request-id': 'req-1',
      date: expect.any(String),
    });
    expect(JSON.parse((await send('GET', SERVERS)).body)).toEqual(JSON.parse(ordered.body));
    expect((await send('GET', SERVERS, undefined, 'wrong')).status).toBe(403);
    expect((await send('DELETE', '/v3/sshKey/x')).status).toBe(400);
  });

  test('a body without content comes without one', async () => {
    await send('POST', '/v3/flexMetal/tags', { tag: 'a' });
    expect(await send('DELETE', '/v3/flexMetal/tags/a')).toMatchObject({ status: 204, body: '' });
  });

  test('text beyond ASCII comes whole', async () => {
    await send('POST', SERVERS, { ...AN_ORDER, name: 'größe-日本' });
    expect(JSON.parse((await send('GET', SERVERS)).body)).toMatchObject([{ name: 'größe-日本' }]);
  });

  test('a request that is too long is refused', async () => {
    expect((await send('POST', SERVERS, 'x'.repeat(1_100_000))).status).toBe(413);
  });

  test('each request leaves a line without the token', async () => {
    await send('GET', SERVERS);
    await fault({ kind: 'hang' });
    expect(lines).toEqual([`GET ${SERVERS} 200 req-1`, 'admin POST /__sim/faults 200']);
  });
});

describe('a fault', () => {
  test.each([
    ['reset before the reply', { kind: 'reset' }, 'UND_ERR_SOCKET|ECONNRESET'],
    ['reset within the headers', { kind: 'reset', within: 'headers' }, 'UND_ERR_SOCKET|ECONNRESET'],
    ['reset within the body', { kind: 'reset', within: 'body' }, 'UND_ERR_SOCKET|ECONNRESET|UND_ERR_ABORTED'],
    ['a body cut short', { kind: 'truncate' }, 'UND_ERR_SOCKET|UND_ERR_ABORTED|UND_ERR_RES_CONTENT_LENGTH_MISMATCH'],
  ])('%s breaks the connection', async (_name, answer, codes) => {
    await fault(answer);
    expect(await failure(send('POST', SERVERS, AN_ORDER))).toMatch(new RegExp(`^(?:${codes})$`));
    expect(simulation.world.servers()).toHaveLength(1);
    expect((await send('GET', SERVERS)).status).toBe(200);
  });

  test('that hangs says nothing until the caller gives up', async () => {
    await fault({ kind: 'hang' });
    const controller = new AbortController();
    const sending = request(`${server.url}${SERVERS}`, {
      dispatcher: agent,
      headers: { 'private-token': DEFAULT_TOKEN },
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 50);
    expect(await failure(sending)).toBe('AbortError');
  });

  test('that hangs does not hold up the end', async () => {
    await fault({ kind: 'hang' });
    const sending = failure(send('GET', SERVERS));
    while (lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    const begun = performance.now();
    await server.close();
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(await sending).toMatch(/UND_ERR_SOCKET|ECONNRESET/);
  });

  test.each([
    ['drips', { kind: 'slow', bytes: 100, every: '5ms' }, {}],
    ['comes late', undefined, { replyAfter: '20ms' }],
    ['comes after a late effect', undefined, { commit: { after: '20ms' } }],
  ])('whose reply %s gives it whole in the end', async (_name, answer, more) => {
    await send('POST', '/__sim/faults', {
      match: { nth: 1 },
      do: { ...(answer === undefined ? {} : { answer }), ...more },
    });
    const begun = performance.now();
    const reply = await send('POST', SERVERS, AN_ORDER);
    expect(performance.now() - begun).toBeGreaterThan(10);
    expect(JSON.parse(reply.body)).toMatchObject([{ name: 'web-1', status: 'created' }]);
  });

  test('of a huge body sends as many bytes as it says', async () => {
    await fault({ kind: 'spoil', how: 'huge', bytes: 3_000_000 });
    const reply = await send('GET', SERVERS);
    expect([reply.body.length, JSON.parse(reply.body)]).toEqual([3_000_000, []]);
  });

  test('takes effect although the caller hung up', async () => {
    await send('POST', '/__sim/faults', { do: { commit: { after: '20ms' } } });
    const socket = connect(server.port, '127.0.0.1');
    const body = JSON.stringify(AN_ORDER);
    socket.write(
      `POST ${SERVERS} HTTP/1.1\r\nhost: x\r\nprivate-token: ${DEFAULT_TOKEN}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    while (lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    socket.destroy();
    while (lines.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(simulation.world.servers()).toHaveLength(1);
  });

  test('a caller that hangs up within its request is no failure of the simulator', async () => {
    const socket = connect(server.port, '127.0.0.1');
    await new Promise<void>((resolve) => {
      socket.write(`POST ${SERVERS} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{`, () => resolve());
    });
    socket.resetAndDestroy();
    expect((await send('GET', SERVERS)).status).toBe(200);
    expect(lines).toEqual([`GET ${SERVERS} 200 req-1`]);
  });
});

describe('the admin endpoint', () => {
  const admin = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<{ status: number; value: unknown }> => {
    const reply = await send(method, `/__sim${path}`, body, '');
    return { status: reply.status, value: reply.body === '' ? undefined : JSON.parse(reply.body) };
  };
  const ordered = async (): Promise<string> => {
    await send('POST', SERVERS, AN_ORDER);
    return String(simulation.world.servers().at(-1)?.uuid);
  };

  test('lists what it can do', async () => {
    expect(await admin('GET', '/')).toMatchObject({
      status: 200,
      value: { endpoints: expect.arrayContaining([expect.stringContaining('/__sim/faults')]) },
    });
  });

  test('shows state, history and calls', async () => {
    const uuid = await ordered();
    expect((await admin('GET', '/state')).value).toMatchObject({
      servers: [{ uuid, location: 'EU: Rotterdam', status: 'created' }],
      faults: [],
    });
    expect((await admin('GET', '/history?after=1&limit=1')).value).toMatchObject({
      dropped: 0,
      entries: [{ seq: 2, kind: 'ordered', uuid }],
    });
    expect((await admin('GET', '/calls')).value).toEqual({ [`POST ${SERVERS}`]: 1 });
  });

  test('releases a server and sets its status', async () => {
    const [first, second] = [await ordered(), await ordered()];
    expect((await admin('POST', `/servers/${first}/release`)).status).toBe(204);
    expect((await admin('PUT', `/servers/${second}/status`, { status: 'failed', message: 'fire' })).status).toBe(204);
    expect(simulation.world.servers().map(({ status }) => status)).toEqual(['releasing', 'failed']);
  });

  test('adds and removes faults', async () => {
    expect(
      (await admin('POST', '/faults', [{ id: 'a', do: { replyAfter: '1ms' } }, { do: { replyAfter: '1ms' } }])).value,
    ).toEqual({ ids: ['a', 'fault-1'] });
    expect((await admin('DELETE', '/faults/a')).status).toBe(204);
    expect((await admin('GET', '/faults')).value).toMatchObject([{ id: 'fault-1' }]);
    expect((await admin('DELETE', '/faults')).status).toBe(204);
    expect((await admin('GET', '/faults')).value).toEqual([]);
  });

  test('changes time scale, token and stock', async () => {
    expect((await admin('PUT', '/time-scale', { timeScale: 60 })).status).toBe(204);
    expect(simulation.world.timeScale).toBe(60);
    await admin('PUT', '/stock', { location: AN_ORDER.location, instanceType: AN_ORDER.instanceType, count: 0 });
    expect((await send('POST', SERVERS, AN_ORDER)).status).toBe(422);
    await admin('PUT', '/token', { token: 'next' });
    expect([(await send('GET', SERVERS)).status, (await send('GET', SERVERS, undefined, 'next')).status]).toEqual([
      403, 200,
    ]);
    await admin('DELETE', '/token', { token: 'next' });
    expect((await send('GET', SERVERS, undefined, 'next')).status).toBe(403);
  });

  test('begins anew, with the same scenario or another', async () => {
    await ordered();
    await admin('POST', '/reset');
    expect([simulation.world.servers(), simulation.world.config.seed]).toEqual([[], 1]);
    await admin('POST', '/reset', { seed: 9 });
    expect(simulation.world.config.seed).toBe(9);
  });

  test.each([
    ['POST', '/faults', { do: { anwer: {} } }, 400, 'body is not valid:\n  do: Unrecognized key: "anwer"'],
    ['POST', '/faults', [{ do: {} }], 400, '[0].do: says nothing'],
    ['POST', '/faults', '{', 400, 'body is no JSON'],
    ['POST', '/reset', { sede: 1 }, 400, 'Unrecognized key'],
    ['PUT', '/time-scale', { timeScale: 0 }, 400, 'timeScale: Too small'],
    ['GET', '/history?after=x', undefined, 400, 'whole numbers'],
    ['DELETE', '/faults/none', undefined, 404, 'no such fault'],
    ['DELETE', '/token', { token: 'none' }, 404, 'no such token'],
    ['POST', '/servers/x/release', undefined, 404, 'no such server'],
    ['GET', '/nothing', undefined, 404, 'GET /__sim/ lists them'],
    ['DELETE', '/state', undefined, 405, 'GET /__sim/ lists them'],
    ['DELETE', '/faults/%zz', undefined, 404, 'GET /__sim/ lists them'],
  ] as const)('says what is wrong with %s %s %j', async (method, path, body, status, message) => {
    expect(await admin(method, path, body)).toEqual({ status, value: { error: expect.stringContaining(message) } });
  });
});

test('a port that is taken is an error', async () => {
  await expect(startSimulatorServer({ simulation, port: server.port })).rejects.toThrow(/EADDRINUSE/);
});
