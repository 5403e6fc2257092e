import { randomBytes } from 'node:crypto';
import { getContainerRuntimeClient, Wait } from 'testcontainers';
import { request } from 'undici';
import type { WorldConfigInput } from '../../../src/simulator/config.ts';
import type { FaultRuleInput } from '../../../src/simulator/faults.ts';
import { createAuthority, issue } from '../cluster/certificates.ts';
import { waitFor } from '../cluster/wait-for.ts';
import type { SimulatorTruth } from '../simulator-truth.ts';
import { truthOf } from '../simulator-truth.ts';
import { tlsFront } from '../tls-front.ts';
import { Link } from './link.ts';
import { FILES, PlacedContainer } from './placed-container.ts';

/** The simulator in a container, behind TLS: the operator sends its token over https only. */
export interface ContainedVendor extends AsyncDisposable, SimulatorTruth {
  /** The network between operators and the vendor. */
  readonly link: Link;
  /** On the link. */
  readonly url: string;
  readonly token: string;
  /** PEM; the certificate of `url` is signed by it. */
  readonly certificateAuthority: string;
  addFault(rule: FaultRuleInput): Promise<void>;
  /** Resolves once so many servers exist. */
  serverExists(count?: number): Promise<void>;
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
  const truth = truthOf((page) => admin('GET', page));
  return {
    link,
    url: `https://${HOST}:${TLS_PORT}`,
    token,
    certificateAuthority: authority.certificate,
    addFault: async (rule) => void (await admin('POST', '/faults', rule)),
    ...truth,
    serverExists: async (count = 1) =>
      void (await waitFor(`${count} servers exist`, async () => (await truth.servers()).length >= count, {
        everyMs: 20,
      })),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

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

const FRONT = tlsFront({ folder: FILES, port: TLS_PORT, to: { host: 'simulator', port: PORT } });

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
