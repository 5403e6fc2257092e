import { readFile } from 'node:fs/promises';
import manifest from '../../package.json' with { type: 'json' };
import type { KubeConfig } from '@kubernetes/client-node';
import { Secret } from '../base/secret.ts';
import type { Config } from '../config.ts';
import { FileTokenSource } from '../flexmetal/token-source.ts';
import type { ClosableTransport } from '../flexmetal/undici-transport.ts';
import { createFlexMetalTransport } from '../flexmetal/undici-transport.ts';
import { loadKubeConfig } from '../kube/credentials.ts';
import { UndiciTransport } from '../kube/undici-transport.ts';
import { systemClock } from '../runtime/system-clock.ts';

/** From package.json, the one place that says it. */
export const VERSION = manifest.version;

export const USER_AGENT = `flexmetal-operator/${VERSION}`;

/** @throws KubeConfigError when nothing usable is configured; its message says what to set */
export const kubeConfigOf = (config: Config): KubeConfig =>
  loadKubeConfig({
    ...(config.kubeconfig === undefined ? {} : { kubeconfig: config.kubeconfig }),
    ...(config.kubeContext === undefined ? {} : { context: config.kubeContext }),
  });

export const kubeTransportOf = (config: Config): UndiciTransport =>
  new UndiciTransport({ loadConfig: () => kubeConfigOf(config), clock: systemClock, userAgent: USER_AGENT });

export const vendorTransportOf = (config: Config): ClosableTransport =>
  createFlexMetalTransport({ baseUrl: config.apiUrl, clock: systemClock, proxy: config.proxyUrl });

/** What of the proxy's URL no line may show. A user without a password is most likely a key. */
export function proxySecretsOf({ proxyUrl }: Config): readonly Secret[] {
  if (proxyUrl === undefined) return [];
  const { username, password } = new URL(proxyUrl.reveal());
  const secret = password === '' ? username : password;
  const plain = decodeURIComponent(secret);
  return [secret, plain, `${decodeURIComponent(username)}:${plain}`].map((text) => new Secret(text));
}

export const fileTokensOf = (config: Config): FileTokenSource =>
  new FileTokenSource({
    path: config.tokenFile,
    readFile: (path) => readFile(path, 'utf8'),
    clock: systemClock,
  });
