import { assertNever } from '../../src/base/assert-never.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { Instant, Millis } from '../../src/base/time.ts';
import { millis } from '../../src/base/time.ts';
import type {
  FlexMetalTransport,
  HttpRequest,
  HttpResult,
  OpenConnection,
  SendOptions,
} from '../../src/flexmetal/transport.ts';
import type { SimulatedReply, World } from '../../src/simulator/world.ts';

/**
 * What a hook decides about one exchange. Nothing: it goes on.
 * `die`: the caller's process is gone; its promise never settles. `fail`: the caller is told that it failed with this cause.
 */
export type Verdict = undefined | { readonly kind: 'die' } | { readonly kind: 'fail'; readonly cause: string };

/** The moments of one exchange at which a test can step in. `seq` counts the exchanges of this transport from 1. */
export interface TransportHooks {
  /** Before a fresh connection is made: `fail` proves that nothing was sent. */
  readonly connecting?: () => Verdict;
  /** The caller asked for it to be sent; nothing has left. */
  readonly beforeSend?: (request: HttpRequest, seq: number) => Verdict;
  /** The API has taken the request (whether it had an effect is the fault plan's choice); the reply has not left it. */
  readonly afterCommit?: (request: HttpRequest, seq: number, reply: SimulatedReply) => Verdict;
  /** The caller is about to be told. */
  readonly beforeReply?: (request: HttpRequest, seq: number, result: HttpResult) => Verdict;
}

export interface SimulatedTransportOptions {
  readonly world: World;
  readonly clock: Clock;
  /** The world's time, when it must not follow jumps of the caller's wall clock. Default: the clock's. */
  readonly worldTime?: () => Instant;
  /** How long connecting and each way take; default nothing, and then a request takes effect within `send` itself. */
  readonly latency?: { readonly connect?: Millis; readonly there?: Millis; readonly back?: Millis };
  readonly hooks?: TransportHooks;
  /** Longer replies fail, as the real transport cuts them off. Default 8 MiB. */
  readonly replyBytesMax?: number;
}

/** The operator's transport over a simulated world in virtual time: no sockets, time-outs run on the given clock. */
export function simulatedTransport(options: SimulatedTransportOptions): FlexMetalTransport {
  let exchanges = 0;
  const send = (request: HttpRequest, { timeout, signal }: SendOptions): Promise<HttpResult> =>
    new Exchange(options, request, ++exchanges).run(timeout, signal);
  return {
    send,
    connect: (connectOptions) => connect(options, connectOptions, send),
  };
}

const NONE = millis(0);
const REPLY_BYTES_MAX = 8 * 1024 * 1024;

type Send = FlexMetalTransport['send'];
type Connected = Awaited<ReturnType<FlexMetalTransport['connect']>>;

function connect(
  { hooks, latency, clock }: SimulatedTransportOptions,
  { timeout, signal }: SendOptions,
  send: Send,
): Promise<Connected> {
  return new Promise((resolve) => {
    const verdict = hooks?.connecting?.();
    if (verdict?.kind === 'die') return;
    const takes = latency?.connect ?? NONE;
    const connected = verdict === undefined && takes <= timeout;
    const failure = verdict?.cause ?? 'UND_ERR_CONNECT_TIMEOUT';
    const settle = (): void => {
      signal?.removeEventListener('abort', aborted);
      resolve(connected ? connection(send) : { kind: 'failed', cause: failure });
    };
    const timer = clock.setTimer(millis(Math.min(takes, timeout)), settle);
    function aborted(): void {
      timer.cancel();
      resolve({ kind: 'failed', cause: 'aborted' });
    }
    signal?.addEventListener('abort', aborted, { once: true });
    if (signal?.aborted === true) aborted();
  });
}

/** One request at most; a second one is a mistake of the caller. */
function connection(send: Send): OpenConnection {
  let used = false;
  return {
    send: (request, sendOptions) => {
      if (used) throw new Error('a connection carries one request');
      used = true;
      return send(request, sendOptions);
    },
    close: () => {
      used = true;
    },
  };
}

/** One request on its way there and back. */
class Exchange {
  readonly #options: SimulatedTransportOptions;
  readonly #request: HttpRequest;
  readonly #seq: number;
  #settle: (result: HttpResult) => void = () => undefined;
  #over = false;

  constructor(options: SimulatedTransportOptions, request: HttpRequest, seq: number) {
    this.#options = options;
    this.#request = request;
    this.#seq = seq;
  }

  run(timeout: Millis, signal: AbortSignal | undefined): Promise<HttpResult> {
    return new Promise((resolve) => {
      const deadline = this.#options.clock.setTimer(timeout, () => this.#settle(failed('timeout')));
      const aborted = (): void => this.#settle(failed('aborted'));
      const end = (): void => {
        this.#over = true;
        deadline.cancel();
        signal?.removeEventListener('abort', aborted);
      };
      this.#settle = (result) => {
        if (this.#over) return;
        end();
        resolve(result);
      };
      signal?.addEventListener('abort', aborted, { once: true });
      if (signal?.aborted === true) {
        aborted();
        return;
      }
      this.#die = end;
      this.#start();
    });
  }

  /** Ends the exchange without telling anybody: the promise stays open for ever. */
  #die: () => void = () => undefined;

  #start(): void {
    if (this.#stopped(this.#options.hooks?.beforeSend?.(this.#request, this.#seq))) return;
    // Also when the caller has given up meanwhile: what was sent arrives.
    this.#after(this.#options.latency?.there ?? NONE, () => this.#arrive());
  }

  #arrive(): void {
    const { world, hooks } = this.#options;
    const reply = world.apply(this.#worldTime(), this.#request);
    if (this.#stopped(hooks?.afterCommit?.(this.#request, this.#seq, reply))) return;
    this.#travel(reply);
  }

  #travel(reply: SimulatedReply): void {
    const { delivery } = reply;
    switch (delivery.kind) {
      case 'hang':
        return;
      case 'later':
        this.#after(delivery.wait, () => this.#travel(this.#options.world.collect(this.#worldTime(), delivery.ticket)));
        return;
      case 'respond':
        this.#tell(delivery.after, whole(reply, reply.body));
        return;
      case 'reset':
        this.#tell(delivery.after, failed('ECONNRESET'));
        return;
      case 'truncate':
        this.#tell(delivery.after, failed('UND_ERR_SOCKET'));
        return;
      case 'slow':
        this.#tell(
          millis(delivery.after + Math.ceil(reply.body.length / delivery.bytes) * delivery.every),
          whole(reply, reply.body),
        );
        return;
      case 'pad': {
        const fits = delivery.bytes <= (this.#options.replyBytesMax ?? REPLY_BYTES_MAX);
        const result = fits ? whole(reply, reply.body.padEnd(delivery.bytes)) : failed('UND_ERR_RES_EXCEEDED_MAX_SIZE');
        this.#tell(delivery.after, result);
        return;
      }
      default:
        assertNever(delivery, 'delivery');
    }
  }

  #worldTime(): Instant {
    return this.#options.worldTime?.() ?? this.#options.clock.now();
  }

  #tell(after: Millis, result: HttpResult): void {
    this.#after(millis(after + (this.#options.latency?.back ?? NONE)), () => {
      if (this.#over) return;
      if (this.#stopped(this.#options.hooks?.beforeReply?.(this.#request, this.#seq, result))) return;
      this.#settle(result);
    });
  }

  #after(delay: Millis, run: () => void): void {
    if (delay <= 0) run();
    else this.#options.clock.setTimer(delay, run);
  }

  #stopped(verdict: Verdict): boolean {
    if (verdict === undefined) return false;
    if (verdict.kind === 'die') this.#die();
    else this.#settle(failed(verdict.cause));
    return true;
  }
}

const failed = (cause: string): HttpResult => ({ kind: 'failed', sent: 'maybe', cause });

const whole = ({ status, headers }: SimulatedReply, body: string): HttpResult => ({
  kind: 'reply',
  status,
  headers,
  body,
});
