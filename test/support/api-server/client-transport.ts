import { millis, type Millis } from '../../../src/base/time.ts';
import type { KubeRequest, KubeResult, KubeTransport, KubeWatch } from '../../../src/kube/transport.ts';
import type { ApiServer } from './api-server.ts';
import type { Fault, FaultPlan, FaultyCall } from './faults.ts';
import { conflict, errorReply, noSuchPath, type Reply } from './replies.ts';

/** How many calls each client has made, over all its transports to one server. */
const callCounts = new WeakMap<ApiServer, Map<string, number>>();

/** Never settles. A new one each time: what waits for one promise that lives on is kept in memory with all it knows. */
const forEver = (): Promise<never> => new Promise(() => undefined);

/** What a call does between the client and the server. The default is a good network. */
interface Journey {
  readonly requestDelay: Millis;
  readonly replyDelay: Millis;
  readonly carriesOut: boolean;
  /** What the client gets in place of the server's reply. */
  readonly end: 'reply' | 'reset' | 'silence' | 'death' | Reply;
}

/** The network between one client and the server: it takes time, loses things, and dies with the client. */
export class ClientTransport implements KubeTransport {
  readonly #server: ApiServer;
  readonly #client: string;
  readonly #faults: FaultPlan;

  constructor(server: ApiServer, client: string, faults: FaultPlan) {
    this.#server = server;
    this.#client = client;
    this.#faults = faults;
  }

  send(
    request: KubeRequest,
    options: { readonly timeout: Millis; readonly signal?: AbortSignal },
  ): Promise<KubeResult> {
    if (this.#isDead) return forEver();
    if (options.signal?.aborted === true) return Promise.resolve({ kind: 'failed', sent: 'no', cause: 'aborted' });
    const fault = this.#faultOf(request);
    if (this.#diesBefore(fault)) return forEver();
    if (fault?.kind === 'refuse' || !this.#server.isUp)
      return Promise.resolve({ kind: 'failed', sent: 'no', cause: 'ECONNREFUSED' });
    return this.#travel(request, options, this.#journey(request, fault));
  }

  async watch(
    request: KubeRequest,
    options: { readonly idleTimeout: Millis; readonly signal: AbortSignal },
  ): Promise<KubeWatch> {
    if (this.#isDead) return forEver();
    if (options.signal.aborted) return { kind: 'failed', cause: 'aborted' };
    const fault = this.#faultOf(request);
    if (this.#diesBefore(fault) || fault?.kind === 'kill') {
      this.#server.kill(this.#client);
      return forEver();
    }
    if (fault?.kind === 'refuse' || !this.#server.isUp) return { kind: 'failed', cause: 'ECONNREFUSED' };
    const journey = this.#journey(request, fault);
    const opened = await this.#arrive(journey, options);
    if (this.#isDead) return forEver();
    if (opened !== undefined) return { kind: 'failed', cause: opened };
    if (typeof journey.end === 'object') return { kind: 'reply', ...journey.end };
    return this.#open(request, options);
  }

  get #isDead(): boolean {
    return this.#server.isDead(this.#client);
  }

  #open(
    request: KubeRequest,
    { idleTimeout, signal }: { readonly idleTimeout: Millis; readonly signal: AbortSignal },
  ): KubeWatch {
    const found = this.#server.route(request);
    if (found.kind !== 'route') return { kind: 'reply', ...noSuchPath() };
    const opened = this.#server.openWatch(this.#client, found.route, idleTimeout);
    if ('status' in opened) return { kind: 'reply', ...opened };
    const abort = (): void => opened.close('aborted');
    signal.addEventListener('abort', abort, { once: true });
    return { kind: 'open', lines: opened.lines, close: () => opened.close('closed') };
  }

  /** @returns undefined when the request has arrived and the way back is open, else what broke it */
  #arrive(
    journey: Journey,
    { idleTimeout, signal }: { readonly idleTimeout: Millis; readonly signal: AbortSignal },
  ): Promise<string | undefined> {
    return new Promise((resolve) => {
      const { clock } = this.#server;
      const deadline = clock.setTimer(idleTimeout, () => settle('timeout'));
      const abort = (): void => settle('aborted');
      const settle = (cause: string | undefined): void => {
        signal.removeEventListener('abort', abort);
        deadline.cancel();
        if (!this.#isDead) resolve(cause);
      };
      signal.addEventListener('abort', abort, { once: true });
      if (journey.end === 'silence') return;
      clock.setTimer(millis(journey.requestDelay + journey.replyDelay), () => {
        settle(journey.end === 'reset' || !this.#server.isUp ? 'ECONNRESET' : undefined);
      });
    });
  }

  #travel(
    request: KubeRequest,
    options: { readonly timeout: Millis; readonly signal?: AbortSignal },
    journey: Journey,
  ): Promise<KubeResult> {
    const { clock } = this.#server;
    return new Promise((resolve, reject) => {
      const deadline = clock.setTimer(options.timeout, () =>
        settle({ kind: 'failed', sent: 'maybe', cause: 'timeout' }),
      );
      const abort = (): void => settle({ kind: 'failed', sent: 'maybe', cause: 'aborted' });
      const settle = (result: KubeResult): void => {
        options.signal?.removeEventListener('abort', abort);
        deadline.cancel();
        if (!this.#isDead) resolve(result);
      };
      options.signal?.addEventListener('abort', abort, { once: true });
      // What was sent arrives, whatever becomes of the sender: a dead client's last write may still be carried out.
      clock.setTimer(journey.requestDelay, () => {
        if (!this.#server.isUp) {
          settle({ kind: 'failed', sent: 'maybe', cause: 'ECONNRESET' });
          return;
        }
        try {
          const reply = journey.carriesOut ? this.#server.handle(this.#client, request) : undefined;
          this.#reply(journey, reply, settle);
        } catch (error) {
          deadline.cancel();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }

  #reply(journey: Journey, reply: Reply | undefined, settle: (result: KubeResult) => void): void {
    if (journey.end === 'death') this.#server.kill(this.#client);
    if (journey.end === 'silence' || journey.end === 'death') return;
    const answer = typeof journey.end === 'object' ? journey.end : reply;
    this.#server.clock.setTimer(journey.replyDelay, () => {
      const isLost = answer === undefined || journey.end === 'reset' || !this.#server.isUp;
      settle(isLost ? { kind: 'failed', sent: 'maybe', cause: 'ECONNRESET' } : { kind: 'reply', ...answer });
    });
  }

  #diesBefore(fault: Fault | undefined): boolean {
    if (fault?.kind !== 'kill' || fault.carriedOut) return false;
    this.#server.kill(this.#client);
    return true;
  }

  #faultOf(request: KubeRequest): Fault | undefined {
    const counts = callCounts.get(this.#server) ?? new Map<string, number>();
    callCounts.set(this.#server, counts);
    const index = counts.get(this.#client) ?? 0;
    counts.set(this.#client, index + 1);
    return this.#faults(this.#describe(request, index));
  }

  #describe(request: KubeRequest, index: number): FaultyCall {
    const found = this.#server.route(request);
    const call = { client: this.#client, index, request };
    if (found.kind !== 'route') {
      return { ...call, verb: 'unknown', resource: undefined, namespace: undefined, name: undefined, endpoint: 'main' };
    }
    const { verb, resource, namespace, name, endpoint } = found.route;
    return { ...call, verb, resource, namespace, name, endpoint };
  }

  #journey(request: KubeRequest, fault: Fault | undefined): Journey {
    const { latency } = this.#server;
    const good: Journey = { requestDelay: latency.request, replyDelay: latency.reply, carriesOut: true, end: 'reply' };
    if (fault === undefined) return good;
    switch (fault.kind) {
      case 'delay':
        return { ...good, requestDelay: fault.request, replyDelay: fault.reply };
      case 'reset':
      case 'silence':
        return { ...good, carriesOut: fault.carriedOut, end: fault.kind };
      case 'kill':
        return { ...good, end: 'death' };
      case 'conflict':
        return { ...good, carriesOut: false, end: this.#conflict(request) };
      case 'answer':
        return {
          ...good,
          carriesOut: fault.carriedOut,
          end: errorReply(fault.code, fault.reason, fault.retryAfterSeconds),
        };
      case 'refuse':
        throw new Error('a refused connection carries nothing');
      default:
        return fault satisfies never;
    }
  }

  #conflict(request: KubeRequest): Reply {
    const found = this.#server.route(request);
    return found.kind === 'route' ? conflict(found.route.kind, found.route.name ?? '') : noSuchPath();
  }
}
