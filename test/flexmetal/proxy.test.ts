import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { millis } from '../../src/base/time.ts';
import { createFlexMetalTransport } from '../../src/flexmetal/undici-transport.ts';
import { createAuthority, issue } from '../support/cluster/certificates.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import type { ConnectProxy, ProxyBehaviour } from './support/connect-proxy.ts';
import { answering, connectProxy, guarded, tunnelling } from './support/connect-proxy.ts';
import type { Behaviour, FaultyApi, FaultyApiOptions } from './support/faulty-server.ts';
import { faultyApi, json, order, UUID, wireServer } from './support/faulty-server.ts';

const authority = createAuthority('test authority');
const server = issue(authority, 'test authority', { commonName: 'vendor', hosts: ['127.0.0.1'] });
const stranger = createAuthority('a stranger');
const TLS = { authority, server };

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of cleanUp.splice(0)) await stop();
});

async function aProxy(behaviour: ProxyBehaviour, identity?: typeof server): Promise<ConnectProxy> {
  const proxy = await connectProxy(behaviour, identity);
  cleanUp.push(() => proxy.stop());
  return proxy;
}

const vendor: Behaviour = (received) =>
  received.method === 'GET' ? json(200, [])(received) : json(201, [wireServer()])(received);

async function anApi(options: FaultyApiOptions): Promise<FaultyApi> {
  const api = await faultyApi(vendor, { tls: TLS, ...options });
  cleanUp.push(() => api.close());
  return api;
}

async function place({ client }: FaultyApi): Promise<unknown> {
  const call = await client.openOrder(order());
  return call.kind === 'open' ? call.send() : call;
}

const created = { kind: 'created', server: expect.objectContaining({ uuid: UUID }) };
const complete = { kind: 'complete' };
const PASSWORD = 'p@ss:word/1';
const CREDENTIALS = `someone:${encodeURIComponent(PASSWORD)}`;

describe('through a proxy', () => {
  test.each([
    ['at http', undefined],
    ['at https', server],
  ])('%s, reads and orders reach the API', async (_name, identity) => {
    const proxy = await aProxy(tunnelling, identity);
    const api = await anApi({ proxy: proxy.url() });
    expect(await api.client.listServers('observe')).toMatchObject(complete);
    expect(await place(api)).toEqual(created);
    const port = String(api.received[0]?.headers.host).split(':')[1];
    expect(proxy.targets).toEqual([`127.0.0.1:${port}`, `127.0.0.1:${port}`]);
  });

  test('reads share a tunnel, and an order has one of its own', async () => {
    const proxy = await aProxy(tunnelling);
    const api = await anApi({ proxy: proxy.url() });
    await api.client.listServers('observe');
    // The connection is free again a moment after the reply has been read.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await api.client.listServers('observe');
    expect(proxy.targets).toHaveLength(1);
    await place(api);
    expect(proxy.targets).toHaveLength(2);
    expect(api.received.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST']);
  });

  test('an order that is ready has its tunnel and has sent nothing', async () => {
    const proxy = await aProxy(tunnelling);
    const api = await anApi({ proxy: proxy.url() });
    const call = await api.client.openOrder(order());
    expect(call.kind).toBe('open');
    expect(proxy.targets).toHaveLength(1);
    expect(api.received).toEqual([]);
    if (call.kind === 'open') call.close();
  });

  test('the API must show a certificate that is trusted', async () => {
    const proxy = await aProxy(tunnelling);
    const api = await anApi({ proxy: proxy.url(), tls: { authority: stranger, server } });
    expect(await place(api)).toEqual({ kind: 'notConnected', cause: expect.stringMatching(/CERT|VERIFY|ISSUER/) });
    expect(api.received).toEqual([]);
  });

  test('a user and a password are sent to the proxy, special characters included, and not to the API', async () => {
    const proxy = await aProxy(guarded(`someone:${PASSWORD}`));
    const api = await anApi({ proxy: proxy.url(CREDENTIALS) });
    expect(await api.client.listServers('observe')).toMatchObject(complete);
    expect(await place(api)).toEqual(created);
    expect(api.received.flatMap(({ headers }) => Object.keys(headers))).not.toContain('proxy-authorization');
  });
});

describe('nothing is sent, and words say why, when the proxy', () => {
  const hangingUp: ProxyBehaviour = (_request, socket) => void socket.destroy();
  test.each<[string, ProxyBehaviour, string]>([
    ['wants a user', guarded('someone:else'), '407, it wants another user or password than proxyUrl has'],
    ['forbids the target', answering('403 Forbidden'), 'the proxy refused: 403'],
    ['cannot reach the API', answering('502 Bad Gateway'), 'the proxy refused: 502'],
    ['redirects', answering('302 Found\r\nlocation: http://elsewhere.example/'), 'the proxy refused: 302'],
    ['hangs up', hangingUp, 'no connection through the proxy: ECONNRESET'],
    ['speaks no HTTP', (_request, socket) => void socket.end('hello\r\n\r\n'), 'no connection through the proxy: HPE_'],
  ])('%s', async (_name, behaviour, words) => {
    const proxy = await aProxy(behaviour);
    const api = await anApi({ proxy: proxy.url(CREDENTIALS) });
    expect(await place(api)).toEqual({ kind: 'notConnected', cause: expect.stringContaining(words) });
    // Asked once: a proxy that refuses is not besieged.
    expect(proxy.targets).toHaveLength(1);
    expect(await api.client.listServers('observe')).toMatchObject({
      kind: 'unreadable',
      failure: { message: expect.stringContaining(words) },
    });
    expect(api.received).toEqual([]);
    expect(proxy.targets).toHaveLength(2);
  });

  test('says nothing', async () => {
    const proxy = await aProxy(() => undefined);
    const clock = new VirtualClock();
    const transport = createFlexMetalTransport({ baseUrl: 'https://127.0.0.1:1', clock, proxy: proxy.url() });
    cleanUp.push(() => transport.close());
    const connected = transport.connect({ timeout: millis(3_000) });
    const read = transport.send({ method: 'GET', path: '/v3/x', headers: {} }, { timeout: millis(30_000) });
    await expect.poll(() => proxy.targets).toHaveLength(2);
    await clock.advance(millis(10_000));
    const cause = 'no connection through the proxy: timeout';
    expect(await connected).toEqual({ kind: 'failed', cause });
    expect(await read).toMatchObject({ kind: 'failed', cause });
  });

  test('is down', async () => {
    const proxy = await aProxy(tunnelling);
    await proxy.stop();
    const api = await anApi({ proxy: proxy.url() });
    expect(await place(api)).toEqual({ kind: 'notConnected', cause: 'no connection through the proxy: ECONNREFUSED' });
  });

  test('ends the tunnel before TLS stands', async () => {
    const proxy = await aProxy((_request, socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    const api = await anApi({ proxy: proxy.url() });
    expect(await place(api)).toEqual({ kind: 'notConnected', cause: 'ECONNRESET' });
  });

  test('has a certificate that is not trusted', async () => {
    const other = issue(stranger, 'a stranger', { commonName: 'proxy', hosts: ['127.0.0.1'] });
    const proxy = await aProxy(tunnelling, other);
    const api = await anApi({ proxy: proxy.url(CREDENTIALS) });
    expect(await place(api)).toEqual({
      kind: 'notConnected',
      cause: expect.stringMatching(/^no connection through the proxy: .*(CERT|VERIFY|ISSUER)/),
    });
    expect(proxy.targets).toEqual([]);
  });
});

test('no outcome shows the password of the proxy', async () => {
  const proxy = await aProxy(answering('407 Proxy Authentication Required'));
  const api = await anApi({ proxy: proxy.url(CREDENTIALS) });
  const shown = JSON.stringify([await place(api), await api.client.listServers('observe'), proxy.url(CREDENTIALS)]);
  expect(shown).toContain('407');
  expect(shown).not.toMatch(/p@ss|p%40ss|cEBzcz/);
});

test('an API at http on this machine is reached without the proxy', async () => {
  const api = await faultyApi(vendor, { proxy: new Secret('http://127.0.0.1:1/') });
  cleanUp.push(() => api.close());
  expect(await api.client.listServers('observe')).toMatchObject(complete);
  expect(await place(api)).toEqual(created);
});

describe('the program', () => {
  /** Asks the API for servers as `check` does, as people would run it. */
  async function check(proxy: ConnectProxy, api: FaultyApi) {
    const folder = await mkdtemp(join(tmpdir(), 'proxy-'));
    cleanUp.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'token'), 'a-token');
    await writeFile(join(folder, 'ca.pem'), authority.certificate);
    const flags = [`--api-url=${api.url}`, `--token-file=${join(folder, 'token')}`];
    const child = spawn(process.execPath, ['src/main.ts', 'check', '--api', ...flags], {
      env: { FLEXMETAL_PROXY_URL: proxy.url(CREDENTIALS).reveal(), NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await once(child, 'exit');
    return { code, output: (await output).join('') };
  }

  test(
    'goes through the proxy, and trusts the authority that NODE_EXTRA_CA_CERTS names',
    { timeout: 30_000 },
    async () => {
      const proxy = await aProxy(guarded(`someone:${PASSWORD}`), server);
      const api = await anApi({});
      const { code, output } = await check(proxy, api);
      expect(output).toContain('takes the token');
      expect(code).toBe(0);
      expect(proxy.targets).toHaveLength(1);
    },
  );

  test('says that the proxy refused, without the password', { timeout: 30_000 }, async () => {
    const proxy = await aProxy(guarded('someone:else'));
    const { code, output } = await check(proxy, await anApi({}));
    expect(output).toContain('the proxy refused: 407');
    expect(output).not.toMatch(/p@ss|p%40ss/);
    expect(code).toBe(2);
  });
});
