import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { WorldConfigInput } from '../../../src/simulator/config.ts';
import { createAuthority, issue } from '../cluster/certificates.ts';
import { waitFor } from '../cluster/wait-for.ts';
import type { SimulatorTruth } from '../simulator-truth.ts';
import { truthOf } from '../simulator-truth.ts';
import { tlsFront } from '../tls-front.ts';
import type { Cluster } from './cluster.ts';
import { isReady, podsOf } from './pods.ts';

/** A FlexMetal API at https, in a pod that no release knows of: it outlives them all. */
export interface PodVendor extends SimulatorTruth {
  readonly url: string;
  readonly token: string;
  /** PEM; the certificate of `url` is signed by it. */
  readonly certificateAuthority: string;
}

export async function startVendor(cluster: Cluster, namespace: string): Promise<PodVendor> {
  const { rest, image } = cluster;
  const core = `/api/v1/namespaces/${namespace}`;
  const token = `canary-token-${randomBytes(16).toString('hex')}`;
  const scenario: WorldConfigInput = { tokens: [{ token }], delivery: { takes: '1s' }, release: { takes: '500ms' } };
  const service = await rest.must('POST', `${core}/services`, {
    body: { metadata: { name: NAME }, spec: { selector: LABELS, ports: [{ port: TLS_PORT }] } },
  });
  // By its address: names are nobody's promise in a cluster without a DNS.
  const { clusterIP } = Service.parse(service).spec;
  const authority = createAuthority(AUTHORITY);
  const { certificate, privateKey } = issue(authority, AUTHORITY, { commonName: NAME, hosts: [clusterIP] });
  const front = tlsFront({ folder: FILES, port: TLS_PORT, to: { host: '127.0.0.1', port: PORT } });
  const files = {
    'scenario.json': JSON.stringify(scenario),
    'front.mjs': front,
    'tls.crt': certificate,
    'tls.key': privateKey,
  };
  await rest.must('POST', `${core}/secrets`, { body: { metadata: { name: NAME }, stringData: files } });
  const container = (name: string, part: object) => ({
    name,
    image,
    volumeMounts: [{ name: 'files', mountPath: FILES, readOnly: true }],
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    ...part,
  });
  await rest.must('POST', `${core}/pods`, {
    body: {
      metadata: { name: NAME, labels: LABELS },
      spec: {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, fsGroup: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          container('simulator', { args: ['simulator', `--port=${PORT}`, `--scenario=${FILES}/scenario.json`] }),
          container('front', {
            command: ['/nodejs/bin/node', `${FILES}/front.mjs`],
            readinessProbe: { tcpSocket: { port: TLS_PORT }, periodSeconds: 1 },
          }),
        ],
        volumes: [{ name: 'files', secret: { secretName: NAME, defaultMode: 0o440 } }],
      },
    },
  });
  await waitFor('the vendor is ready', async () => (await podsOf(cluster, namespace, NAME)).some(isReady), {
    timeoutMs: 120_000,
  });
  return {
    url: `https://${clusterIP}:${TLS_PORT}`,
    token,
    certificateAuthority: authority.certificate,
    ...truthOf((page) =>
      cluster.evaluate(
        { namespace, name: NAME, container: 'simulator' },
        `return (await fetch('http://127.0.0.1:${PORT}/__sim${page}')).json()`,
      ),
    ),
  };
}

const NAME = 'vendor';
/** Another name: who signs himself is trusted by nobody. */
const AUTHORITY = 'flexmetal-vendor';
const LABELS = { 'app.kubernetes.io/component': NAME };
const FILES = '/files';
const PORT = 8_099;
const TLS_PORT = 8_443;

const Service = z.object({ spec: z.object({ clusterIP: z.string() }) });
