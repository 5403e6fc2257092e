import { once } from 'node:events';
import { createServer } from 'node:http';
import { request } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/system-clock.ts';
import type { Relay } from '../../src/simulator/relay.ts';
import { startRelay } from '../../src/simulator/relay.ts';
import { FaultRule } from '../../src/simulator/faults.ts';
import { readScenario } from '../../src/simulator/scenario.ts';
import { startSimulatorServer } from '../../src/simulator/server.ts';
import { Simulation } from '../../src/simulator/simulation.ts';

let stack = new AsyncDisposableStack();
afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

async function relayTo(port: number, log: (line: string) => void = () => {}): Promise<Relay> {
  const relay = await startRelay({ to: { host: '127.0.0.1', port }, address: '127.0.0.1', port: 0, log });
  stack.defer(() => relay.close());
  return relay;
}

async function simulator(): Promise<{ readonly port: number; readonly simulation: Simulation }> {
  const simulation = new Simulation(readScenario({ tokens: [{ token: 'mine' }] }), systemClock);
  const server = await startSimulatorServer({ simulation, port: 0 });
  stack.defer(() => server.close());
  return { port: server.port, simulation };
}

const get = (url: string) =>
  request(`${url}/v3/flexMetal/location`, { headers: { 'private-token': 'mine' }, reset: true });

describe('the relay', () => {
  test('is as good as the simulator itself', async () => {
    const { port } = await simulator();
    const { url } = await relayTo(port);
    const [through, direct] = await Promise.all([get(url), get(`http://127.0.0.1:${port}`)]);
    expect(through.statusCode).toBe(200);
    expect(await through.body.text()).toBe(await direct.body.text());
  });

  test('passes on all of a long reply that ends with its connection', async () => {
    const text = 'x'.repeat(3_000_000);
    const server = createServer((_, response) => void response.setHeader('connection', 'close').end(text)).listen(0);
    await once(server, 'listening');
    stack.defer(() => void server.close());
    const address = server.address();
    const { url } = await relayTo(typeof address === 'object' ? (address?.port ?? 0) : 0);
    expect((await (await get(url)).body.text()).length).toBe(text.length);
  });

  test('passes a reset on as a reset', async () => {
    const { port, simulation } = await simulator();
    simulation.world.addFault(FaultRule.parse({ do: { answer: { kind: 'reset' } } }));
    const { url } = await relayTo(port);
    await expect(get(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('says where it finds nobody, and serves again when somebody is there', async () => {
    const lines: string[] = [];
    const first = await startSimulatorServer({
      simulation: new Simulation(readScenario({ tokens: [{ token: 'mine' }] }), systemClock),
      port: 0,
    });
    await first.close();
    const { url } = await relayTo(first.port, (line) => lines.push(line));
    await expect(get(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(lines).toEqual([
      `no connection to 127.0.0.1 port ${first.port}: connect ECONNREFUSED 127.0.0.1:${first.port}`,
    ]);
    const simulation = new Simulation(readScenario({ tokens: [{ token: 'mine' }] }), systemClock);
    const second = await startSimulatorServer({ simulation, port: first.port });
    stack.defer(() => second.close());
    expect((await get(url)).statusCode).toBe(200);
  });

  test('cuts what is under way when it is closed, and can be closed twice', async () => {
    const { port, simulation } = await simulator();
    simulation.world.addFault(FaultRule.parse({ do: { answer: { kind: 'hang' } } }));
    const relay = await relayTo(port);
    const asked = get(relay.url).then(
      () => 'answered',
      () => 'cut',
    );
    while (simulation.world.calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await relay.close();
    await relay.close();
    expect(await asked).toBe('cut');
  });
});
