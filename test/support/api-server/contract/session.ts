import { setTimeout as delay } from 'node:timers/promises';
import { millis, seconds } from '../../../../src/base/time.ts';
import type { KubeRequest, KubeTransport } from '../../../../src/kube/transport.ts';
import { fieldsOf, isObject, textOf, toJson, type Json, type JsonObject } from '../json.ts';
import { samplesPath } from '../sample.ts';
import { Normaliser } from './normalise.ts';

/** A reply as it came: for what the next request needs from it. */
export interface RawReply {
  readonly status: number;
  readonly body: JsonObject;
}

export type PatchType = 'merge' | 'json';

export interface WatchScript {
  readonly path: string;
  /** Happens once the watch is open. */
  readonly meanwhile?: () => Promise<void>;
  /** Ends the watch after so many lines; without it, the server's timeoutSeconds must. */
  readonly lines?: number;
}

const TIMEOUT = seconds(20);
/** A watch that brings less than it should is given up, so that the difference shows. */
const WATCH_TIMEOUT = millis(8_000);

/** One run of one case against one server. What the server answers is written down in a form that two servers can share. */
export class Session {
  readonly namespace: string;
  readonly record: Json[] = [];
  readonly #transport: KubeTransport;
  readonly #normaliser: Normaliser;

  constructor(transport: KubeTransport, namespace: string) {
    this.#transport = transport;
    this.namespace = namespace;
    this.#normaliser = new Normaliser(namespace);
  }

  get samples(): string {
    return samplesPath(this.namespace);
  }

  sample(name: string, endpoint?: 'status'): string {
    return `${this.samples}/${name}${endpoint === undefined ? '' : `/${endpoint}`}`;
  }

  get(path: string): Promise<RawReply> {
    return this.#send({ method: 'GET', path });
  }

  post(path: string, body: unknown): Promise<RawReply> {
    return this.#send({ method: 'POST', path, contentType: 'application/json', body: textOfBody(body) });
  }

  put(path: string, body: unknown): Promise<RawReply> {
    return this.#send({ method: 'PUT', path, contentType: 'application/json', body: textOfBody(body) });
  }

  patch(path: string, body: unknown, type: PatchType = 'merge'): Promise<RawReply> {
    const contentType = type === 'merge' ? 'application/merge-patch+json' : 'application/json-patch+json';
    return this.#send({ method: 'PATCH', path, contentType, body: textOfBody(body) });
  }

  delete(path: string, options?: object): Promise<RawReply> {
    const body = options === undefined ? {} : ({ contentType: 'application/json', body: textOfBody(options) } as const);
    return this.#send({ method: 'DELETE', path, ...body });
  }

  send(request: KubeRequest): Promise<RawReply> {
    return this.#send(request);
  }

  /** Records the lines of a watch. */
  async watch(script: WatchScript): Promise<void> {
    const closer = new AbortController();
    const opened = await this.#transport.watch(
      { method: 'GET', path: script.path },
      { idleTimeout: TIMEOUT, signal: closer.signal },
    );
    if (opened.kind !== 'open') {
      this.record.push(
        opened.kind === 'reply'
          ? this.#normaliser.reply(opened.status, asObject(opened.body))
          : { failed: opened.cause },
      );
      return;
    }
    const stop = AbortSignal.timeout(WATCH_TIMEOUT);
    stop.addEventListener('abort', () => opened.close(), { once: true });
    const [lines] = await Promise.all([this.#lines(opened.lines, script.lines ?? Infinity), script.meanwhile?.()]);
    this.record.push({ watch: lines });
    opened.close();
  }

  /** Waits until what was just written has reached the servers' watch caches. */
  settle(): Promise<void> {
    return delay(50);
  }

  async #lines(source: AsyncIterable<unknown>, most: number): Promise<readonly Json[]> {
    const lines: Json[] = [];
    try {
      for await (const line of source) {
        const next = this.#normaliser.line(asObject(line));
        // How often a bookmark comes is the server's business.
        if (!isBookmark(next) || !isBookmark(lines.at(-1))) lines.push(next);
        if (lines.length >= most) return lines;
      }
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'WatchBroken') throw error;
      return [...lines, { broken: true }];
    }
    return [...lines, { ended: true }];
  }

  async #send(request: KubeRequest): Promise<RawReply> {
    const result = await this.#transport.send(request, { timeout: TIMEOUT });
    if (result.kind === 'failed') throw new Error(`${request.method} ${request.path}: ${result.cause}`);
    const body = asObject(result.body);
    this.record.push(this.#normaliser.reply(result.status, body));
    return { status: result.status, body };
  }
}

const isBookmark = (line: Json | undefined): boolean => fieldsOf(line)['type'] === 'BOOKMARK';

const textOfBody = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

function asObject(body: unknown): JsonObject {
  const json = toJson(body ?? null);
  return isObject(json) ? json : { text: json };
}

export const versionOf = (reply: RawReply): string => textOf(fieldsOf(reply.body['metadata'])['resourceVersion']) ?? '';

export const uidOf = (reply: RawReply): string => textOf(fieldsOf(reply.body['metadata'])['uid']) ?? '';

/** The token for the next page, ready for a query. */
export const continueOf = (reply: RawReply): string =>
  encodeURIComponent(textOf(fieldsOf(reply.body['metadata'])['continue']) ?? '');
