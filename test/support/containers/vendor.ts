import { randomBytes } from 'node:crypto';
import { getContainerRuntimeClient, Wait } from 'testcontainers';
import { request } from 'undici';
import * as z from 'zod';
import type { WorldConfigInput } from '../../../src/simulator/config.ts';
import type { FaultRuleInput } from '../../../src/simulator/faults.ts';
import { createAuthority, issue } from '../cluster/certificates.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { Link } from './link.ts';
import { FILES, PlacedContainer } from './placed-container.ts';

/** The simulator in a container, behind TLS: the operator sends its token over https only. */
export interface ContainedVendor extends AsyncDisposable {
  /** The network between operators and the vendor. */
  readonly link: Link;
  /** On the link. */
  readonly url: string;
  readonly token: string;
  /** PEM; the certificate of `url` is signed by it. */
  readonly certificateAuthority: string;
  addFault(rule: FaultRuleInput): Promise<void>;
  /** Servers that exist or existed, whatever anybody was told. */
  servers(): Promise<readonly VendorServer[]>;
  /** Names in the orders that arrived, in their order. */
  orders(): Promise<readonly string[]>;
  /** Resolves once so many servers exist. */
  serverExists(count?: number): Promise<void>;
}

export interface VendorServer {
  readonly uuid: string;
  readonly name: string;
  readonly status: string;
  readonly tags: readonly string[];
}

export async function startVendor(image: string, scenario: WorldConfigInput = {}): Promise<ContainedVendor> {
  await using started = new AsyncDisposableStack();
  const link = started.use(await Link.open());
  const token = `canary-token-${randomBytes(16).toString('hex')}`;
  const settings: WorldConfigInput = {
    tokens: [{ token }],
    delivery: { takes: '1s' },
    release: { takes: '500ms' },
    ...scenario,
  };
  const simulator = started.use(
    await new PlacedContainer(image)
      .withLink(link, 'simulator')
      .withRestrictions()
      .withFiles({ 'scenario.json': JSON.stringify(settings) })
      .withCommand(['simulator', ...SIMULATOR_FLAGS])
      .withExposedPorts(PORT)
      .withWaitStrategy(Wait.forLogMessage('listening on'))
      .start(),
  );
  const authority = createAuthority(AUTHORITY);
  const front = issue(authority, AUTHORITY, { commonName: HOST, hosts: [HOST] });
  started.use(
    await new PlacedContainer(image)
      .withLink(link, HOST)
      .withRestrictions()
      .withFiles({ 'front.mjs': FRONT, 'tls.crt': front.certificate, 'tls.key': front.privateKey })
      .withEntrypoint(['/nodejs/bin/node', `${FILES}/front.mjs`])
      .withWaitStrategy(Wait.forLogMessage('listening'))
      .start(),
  );
  const { info } = await getContainerRuntimeClient();
  const admin = adminOf(`http://${info.containerRuntime.host}:${simulator.getMappedPort(PORT)}/__sim`);
  const parts = started.move();
  const servers = async () => State.parse(await admin('GET', '/state')).servers;
  return {
    link,
    url: `https://${HOST}:${TLS_PORT}`,
    token,
    certificateAuthority: authority.certificate,
    addFault: async (rule) => void (await admin('POST', '/faults', rule)),
    servers,
    orders: async () =>
      History.parse(await admin('GET', '/history'))
        .entries.filter(({ kind, operation }) => kind === 'request' && operation === ORDER)
        .map(({ name }) => name ?? ''),
    serverExists: async (count = 1) =>
      void (await waitFor(`${count} servers exist`, async () => (await servers()).length >= count, { everyMs: 20 })),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

export const ORDER = 'createFlexMetalServer';
const HOST = 'vendor';
const PORT = 8_099;
const TLS_PORT = 8_443;
const SIMULATOR_FLAGS = [
  '--address=0.0.0.0',
  `--port=${PORT}`,
  `--scenario=${FILES}/scenario.json`,
  '--admin-from-anywhere',
  '--quiet',
];
const AUTHORITY = 'flexmetal-vendor';

/** Takes TLS off and passes the bytes on: as the load balancer of a vendor does. */
const FRONT = `
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createServer } from 'node:tls';
const tls = { cert: readFileSync('${FILES}/tls.crt'), key: readFileSync('${FILES}/tls.key') };
createServer(tls, (outside) => {
  const inside = connect(${PORT}, 'simulator');
  const end = () => { outside.destroy(); inside.destroy(); };
  outside.on('error', end).on('close', end).pipe(inside);
  inside.on('error', end).on('close', end).pipe(outside);
}).listen(${TLS_PORT}, () => console.log('listening'));
process.on('SIGTERM', () => process.exit(0));
`;

type Admin = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>;

const adminOf =
  (url: string): Admin =>
  async (method, path, body) => {
    const reply = await request(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await reply.body.text();
    if (reply.statusCode > 299) throw new Error(`${method} ${path}: ${reply.statusCode} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };

const State = z.object({
  servers: z.array(z.object({ uuid: z.string(), name: z.string(), status: z.string(), tags: z.array(z.string()) })),
});
const History = z.object({
  entries: z.array(z.object({ kind: z.string(), operation: z.string().optional(), name: z.string().optional() })),
});
