import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Secret } from '../../../src/base/secret.ts';
import { millis } from '../../../src/base/time.ts';
import type { Millis } from '../../../src/base/time.ts';
import type { OrderRequest } from '../../../src/core/model/order-request.ts';
import { RateBudget } from '../../../src/flexmetal/budget.ts';
import type { CallReport } from '../../../src/flexmetal/client.ts';
import { FlexMetalClient } from '../../../src/flexmetal/client.ts';
import { FileTokenSource } from '../../../src/flexmetal/token-source.ts';
import type { ClosableTransport } from '../../../src/flexmetal/undici-transport.ts';
import { createFlexMetalTransport } from '../../../src/flexmetal/undici-transport.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import type { Identity } from '../../support/cluster/certificates.ts';

/** Never to be seen anywhere but in the header PRIVATE-TOKEN. */
export const CANARY = 'canary-7f3a91c2e5d84b06';

/** A request as it came, with its whole body. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly response: ServerResponse;
  /** Ends the connection with a reset, whatever was sent so far. */
  readonly reset: () => void;
}

/** What the API does with one request; not answering at all is one of the choices. */
export type Behaviour = (request: Received) => void;

export const UUID = '019256ab-1554-73a7-b091-f024b0a724ea';

/** A server as the vendor's document has it. */
export const wireServer = (changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  uuid: UUID,
  name: 'host.example.com',
  status: 'created',
  statusMessage: 'OK',
  location: { id: 18, name: 'EU: Rotterdam' },
  instanceType: { id: 128, name: 'bm7.std.8' },
  os: { slug: 'ubuntu-2404-lts' },
  ipAddresses: [],
  tags: ['web'],
  createdAt: 1_728_030_905,
  deliveredAt: null,
  releasedAt: null,
  contractId: '',
  ...changes,
});

export const ERROR_BODY = { errorCode: 10_001, errorMessage: 'entity not found, ', errors: [] };

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

export const raw =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  ({ response }) => {
    response.writeHead(status, headers);
    response.end(body);
  };

export const silence: Behaviour = () => undefined;

export const order = (changes: Partial<OrderRequest> = {}): OrderRequest => ({
  name: 'host.example.com',
  location: 'EU: Rotterdam',
  instanceType: 'bm7.std.8',
  os: { slug: 'ubuntu-2404-lts', kernelParams: [], partitions: [], ipxeScriptUrl: undefined },
  sshKeys: ['ssh-ed25519 AAAA someone@example.com'],
  postInstallScript: undefined,
  tags: ['web'],
  contractId: undefined,
  overflow: false,
  ...changes,
});

export interface FaultyApi {
  readonly url: string;
  readonly client: FlexMetalClient;
  readonly budget: RateBudget;
  readonly transport: ClosableTransport;
  readonly received: readonly Received[];
  readonly calls: readonly CallReport[];
  /** What the token file holds from now on. */
  setToken(token: string): void;
  close(): Promise<void>;
}

export interface FaultyApiOptions {
  readonly requestTimeout?: Millis;
  readonly orderTimeout?: Millis;
  readonly pageSize?: number;
  readonly pagesMax?: number;
  /** Speaks TLS with this, and the client trusts it. */
  readonly tls?: { readonly authority: Identity; readonly server: Identity };
  readonly proxy?: Secret;
}

/** The real client over real sockets on loopback against an API that behaves as told, request by request. */
export async function faultyApi(behaviour: Behaviour, options: FaultyApiOptions = {}): Promise<FaultyApi> {
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    receive(request, response, (whole) => {
      received.push(whole);
      behaviour(whole);
    });
  };
  const { tls, proxy } = options;
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer({ cert: tls.server.certificate, key: tls.server.privateKey }, listener);
  const port = await listen(server);
  const baseUrl = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const trust = tls === undefined ? {} : { ca: tls.authority.certificate };
  const transport = createFlexMetalTransport({ baseUrl, clock: systemClock, proxy, ...trust });
  const budget = new RateBudget({ clock: systemClock, requestsPerSecond: Infinity, burst: 1 });
  const calls: CallReport[] = [];
  let token = CANARY;
  const client = new FlexMetalClient({
    transport,
    budget,
    clock: systemClock,
    tokens: new FileTokenSource({ path: '/token', readFile: () => Promise.resolve(token), clock: systemClock }),
    baseUrl,
    salt: 'salt',
    userAgent: 'test',
    pageSize: options.pageSize ?? 100,
    pagesMax: options.pagesMax ?? 10,
    requestTimeout: options.requestTimeout ?? millis(2_000),
    orderTimeout: options.orderTimeout ?? millis(2_000),
    onCall: (call) => calls.push(call),
  });
  return {
    url: baseUrl,
    client,
    budget,
    transport,
    received,
    calls,
    setToken: (text) => {
      token = text;
    },
    close: async () => {
      server.closeAllConnections();
      await transport.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function receive(request: IncomingMessage, response: ServerResponse, whole: Behaviour): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () =>
    whole({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      response,
      reset: () => request.socket.resetAndDestroy(),
    }),
  );
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(portOf(server.address())));
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}

/** An order with every kind of secret in it. */
export const secretOrder = (): OrderRequest =>
  order({
    os: {
      slug: 'talos-omni-190',
      kernelParams: [{ key: 'siderolink.api', value: new Secret('https://join.example?jointoken=s3cr3tj0in') }],
      partitions: [],
      ipxeScriptUrl: undefined,
    },
    postInstallScript: new Secret('#!/bin/bash\nexport DATABASE_PASSWORD=hunter2hunter2\n'),
  });
