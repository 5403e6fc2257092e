import { expect, test } from 'vitest';
import { millis } from '../../src/base/time.ts';
import type { HttpRequest } from '../../src/flexmetal/transport.ts';
import { simulatedTransport } from '../support/simulated-transport.ts';
import { AN_ORDER, aWorld } from '../support/simulated-world.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { checkedTransport } from './checked-transport.ts';

const LIMIT = { timeout: millis(1_000) };
const HEADERS = { 'private-token': 'simulator-token' };

test('requests over kept and fresh connections are checked and passed on', async () => {
  const clock = new VirtualClock();
  const { world } = aWorld();
  const transport = checkedTransport(simulatedTransport({ world, clock }));
  const good: HttpRequest = {
    method: 'POST',
    path: '/v3/flexMetal/servers',
    headers: HEADERS,
    body: JSON.stringify(AN_ORDER),
  };
  const bad: HttpRequest = { method: 'GET', path: '/v3/flexMetal/servers?name=x', headers: HEADERS };
  const connecting = transport.connect(LIMIT);
  await clock.advance(0);
  const connection = await connecting;
  if ('kind' in connection) throw new Error('not connected');
  const [ordered, listed] = await Promise.all([connection.send(good, LIMIT), transport.send(bad, LIMIT)]);
  connection.close();
  expect([ordered, listed]).toMatchObject([
    { kind: 'reply', status: 200 },
    { kind: 'reply', status: 200 },
  ]);
  expect(transport.requests).toEqual([good, bad]);
  expect(transport.violations).toEqual(['GET /v3/flexMetal/servers?name=x: there is no query parameter name']);
});
