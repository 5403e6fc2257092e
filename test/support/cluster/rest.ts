import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, ProxyAgent, request } from 'undici';
import type { buildConnector, Dispatcher } from 'undici';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Reply {
  readonly status: number;
  /** Parsed JSON; undefined when the body is empty, text when it is no JSON. */
  readonly body: unknown;
}

export interface RestOptions {
  readonly body?: unknown;
  /** Default: `application/json`. A body that is a string goes as it is, everything else as JSON. */
  readonly contentType?: string;
  /** Default: `application/json`; another form of it, for instance a table, has to be asked for. */
  readonly accept?: string;
  readonly timeoutMs?: number;
  /** Told of each warning that comes with the reply, as kubectl would print it. */
  readonly onWarning?: (warning: string) => void;
}

/** The Kubernetes API as raw JSON, for what tests and the demo do besides the operator. Nothing is retried, cached or typed. */
export interface Rest {
  /** `https://127.0.0.1:6443` */
  readonly url: string;
  /** The kubeconfig's context. */
  readonly context: string;
  /** Any reply is a result; throws only when there is none. */
  request(method: Method, target: string, options?: RestOptions): Promise<Reply>;
  /** The body of a 2xx reply; throws an ApiError for any other. */
  must(method: Method, target: string, options?: RestOptions): Promise<unknown>;
  close(): Promise<void>;
}

/** The API server answered, and not with 2xx. `message` is its own. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(what: string, reply: Reply) {
    super(`${what}: ${reply.status} ${messageOf(reply.body)}`);
    this.status = reply.status;
  }
}

/** @param kubeconfig a file; undefined for what kubectl would take (KUBECONFIG, then ~/.kube/config). */
export function openRest(kubeconfig: string | undefined, context?: string): Rest {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  const url = config.getCurrentCluster()?.server;
  if (url === undefined)
    throw new Error(
      `${kubeconfig ?? 'the default kubeconfig'} has no cluster for its context "${config.getCurrentContext()}"`,
    );
  let dispatcher: Dispatcher | undefined;

  const send = async (method: Method, target: string, options: RestOptions = {}): Promise<Reply> => {
    // Every time: an exec plugin or a token file may have a newer token.
    const authentication: RequestOptions = {};
    await config.applyToHTTPSOptions(authentication);
    dispatcher ??= dispatcherFor(config, authentication);
    const {
      body,
      contentType = 'application/json',
      accept = 'application/json',
      timeoutMs = 30_000,
      onWarning,
    } = options;
    const reply = await request(new URL(target, url), {
      method,
      dispatcher,
      headers: {
        ...headersOf(authentication),
        accept,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    for (const warning of warningsOf(reply.headers['warning'])) onWarning?.(warning);
    return { status: reply.statusCode, body: parseBody(await reply.body.text()) };
  };

  return {
    url,
    context: config.getCurrentContext(),
    request: send,
    must: async (method, target, options) => {
      const reply = await send(method, target, options);
      if (reply.status < 200 || reply.status > 299) throw new ApiError(`${method} ${target}`, reply);
      return reply.body;
    },
    close: async () => {
      await dispatcher?.destroy();
    },
  };
}

function dispatcherFor(config: KubeConfig, authentication: RequestOptions): Dispatcher {
  const proxy = config.getCurrentCluster()?.proxyUrl;
  if (proxy?.startsWith('socks') === true) throw new Error('a kubeconfig with a SOCKS proxy is not supported here');
  const tls = tlsOf(authentication);
  return proxy === undefined
    ? new Agent({ connect: tls, allowH2: false })
    : new ProxyAgent({ uri: proxy, requestTls: tls });
}

/** Without the fields that are undefined: undici takes those for given. */
function tlsOf({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): buildConnector.BuildOptions {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
}

function headersOf(authentication: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(authentication.headers ?? {}))
    if (value !== undefined) headers[name] = String(value);
  // Basic authentication, as old kubeconfigs have it.
  if (typeof authentication.auth === 'string')
    headers['authorization'] = `Basic ${Buffer.from(authentication.auth).toString('base64')}`;
  return headers;
}

/** Texts of `299 - "text"` (RFC 7234), of which one header may hold several. */
function warningsOf(header: string | string[] | undefined): readonly string[] {
  const texts = [header ?? []].flat().join(', ');
  return [...texts.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageOf(body: unknown): string {
  if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message);
  return typeof body === 'string' ? body.slice(0, 300) : JSON.stringify(body);
}
