import { writeFileSync } from 'node:fs';
import { dump } from 'js-yaml';
import type { Identity } from './certificates.ts';

export interface ClusterAddress {
  readonly url: string;
  /** PEM. */
  readonly certificateAuthority: string;
}

/** Who somebody is to the API server: by a token or by a client certificate. */
export type Credentials = { readonly name: string } & ({ readonly token: string } | { readonly identity: Identity });

/** Writes a kubeconfig with one context and everything in it, readable by its owner only. */
export function writeKubeconfig(file: string, cluster: ClusterAddress, user: Credentials): void {
  const proof =
    'token' in user
      ? { token: user.token }
      : {
          'client-certificate-data': base64(user.identity.certificate),
          'client-key-data': base64(user.identity.privateKey),
        };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: CLUSTER,
        cluster: { server: cluster.url, 'certificate-authority-data': base64(cluster.certificateAuthority) },
      },
    ],
    users: [{ name: user.name, user: proof }],
    contexts: [{ name: CLUSTER, context: { cluster: CLUSTER, user: user.name, namespace: 'default' } }],
    'current-context': CLUSTER,
  };
  writeFileSync(file, dump(config), { mode: 0o600 });
}

const CLUSTER = 'flexmetal-control-plane';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
