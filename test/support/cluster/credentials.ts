import { generateKeyPairSync, randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Identity } from './certificates.ts';
import { createAuthority, issue } from './certificates.ts';

/** What an API server has to prove and to check with. */
export interface ControlPlaneCredentials {
  readonly authority: Identity;
  /** Full rights. */
  readonly adminToken: string;
  /** Contents by file name; `credentialFiles` says where each goes. */
  readonly files: Readonly<Record<(typeof FILE_NAMES)[keyof CredentialFiles], string>>;
}

/** Paths, for the flags of kube-apiserver. */
export interface CredentialFiles {
  readonly tokens: string;
  readonly clientCa: string;
  readonly certificate: string;
  readonly privateKey: string;
  readonly serviceAccountKey: string;
}

const FILE_NAMES = {
  tokens: 'tokens.csv',
  clientCa: 'ca.crt',
  certificate: 'server.crt',
  privateKey: 'server.key',
  serviceAccountKey: 'service-accounts.key',
} as const satisfies CredentialFiles;

/** @param hosts names and IPv4 addresses under which the API server is called */
export function createCredentials(authorityName: string, hosts: readonly string[]): ControlPlaneCredentials {
  const authority = createAuthority(authorityName);
  const server = issue(authority, authorityName, { commonName: 'kube-apiserver', hosts });
  const serviceAccounts = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({
    type: 'pkcs1',
    format: 'pem',
  });
  const adminToken = randomBytes(24).toString('hex');
  return {
    authority,
    adminToken,
    files: {
      'tokens.csv': `${adminToken},admin,admin,"system:masters"\n`,
      'ca.crt': authority.certificate,
      'server.crt': server.certificate,
      'server.key': server.privateKey,
      'service-accounts.key': serviceAccounts.toString(),
    },
  };
}

/** Where the files are once they lie in `folder`. */
export function credentialFiles(folder: string): CredentialFiles {
  return {
    tokens: path.posix.join(folder, FILE_NAMES.tokens),
    clientCa: path.posix.join(folder, FILE_NAMES.clientCa),
    certificate: path.posix.join(folder, FILE_NAMES.certificate),
    privateKey: path.posix.join(folder, FILE_NAMES.privateKey),
    serviceAccountKey: path.posix.join(folder, FILE_NAMES.serviceAccountKey),
  };
}

/** The flags of a kube-apiserver without controllers, all but the address that it listens on. */
export function apiServerFlags({
  etcdUrl,
  port,
  files,
}: {
  readonly etcdUrl: string;
  readonly port: number;
  readonly files: CredentialFiles;
}): readonly string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    `--secure-port=${port}`,
    `--tls-cert-file=${files.certificate}`,
    `--tls-private-key-file=${files.privateKey}`,
    `--client-ca-file=${files.clientCa}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.serviceAccountKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    '--service-cluster-ip-range=10.96.0.0/24',
    // Nobody creates the default service accounts here, so pods could not be created at all.
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
    '--profiling=false',
  ];
}
