import type { Clock } from '../../../src/base/clock.ts';
import { sleep } from '../../../src/base/clock.ts';
import type { Millis } from '../../../src/base/time.ts';
import { millis } from '../../../src/base/time.ts';
import type { FlexMetalTransport, HttpRequest, HttpResult, SendOptions } from '../../../src/flexmetal/transport.ts';
import { DELAYED_BY, DELAYED_PAST_WINDOW, DELAYED_TO_EDGE, FROZEN_FOR, FROZEN_PAST_WINDOW } from './lateness.ts';
import type { MortalClock } from './mortal-clock.ts';
import type { FaultName, SurroundingFault } from './plan.ts';

export interface FaultyVendorOptions {
  readonly inner: FlexMetalTransport;
  /** Of the world: what was sent arrives although its sender died. */
  readonly clock: Clock;
  /** Of the process. */
  readonly processClock: MortalClock;
  readonly isDead: () => boolean;
  /** Asked once for each call that changes something, when it is about to leave. */
  readonly effect: (request: HttpRequest) => FaultName | undefined;
  readonly kill: () => void;
  readonly strike: (fault: SurroundingFault) => void;
}

/** Never settles. A new one each time: what waits for one promise that lives on is kept in memory with all it knows. */
export const forEver = (): Promise<never> => new Promise(() => undefined);

type Send = FlexMetalTransport['send'];

/** One process's way to the vendor, with the plan's faults on it. With the process it falls silent, or stands still. */
export function faultyVendor(options: FaultyVendorOptions): FlexMetalTransport {
  const { inner, isDead, processClock } = options;
  const alive = async <T>(begin: () => Promise<T>): Promise<T> => {
    if (processClock.isFrozen) await processClock.whenThawed();
    if (isDead()) return forEver();
    const value = await begin();
    if (processClock.isFrozen) await processClock.whenThawed();
    return isDead() ? forEver() : value;
  };
  const send = (request: HttpRequest, sendOptions: SendOptions, through: Send) =>
    alive(() => deliver(options, request, sendOptions, through));
  return {
    send: (request, sendOptions) => send(request, sendOptions, (r, o) => inner.send(r, o)),
    connect: async (connectOptions) => {
      const opened = await alive(() => inner.connect(connectOptions));
      if (!('send' in opened)) return opened;
      return {
        send: (request, sendOptions) => send(request, sendOptions, (r, o) => opened.send(r, o)),
        close: () => opened.close(),
      };
    },
  };
}

function deliver(
  options: FaultyVendorOptions,
  request: HttpRequest,
  sendOptions: SendOptions,
  through: Send,
): Promise<HttpResult> {
  const { effect, kill, strike } = options;
  const fault = request.method === 'GET' ? undefined : effect(request);
  switch (fault) {
    case undefined:
      return through(request, sendOptions);
    case 'killBefore':
      kill();
      return forEver();
    case 'killAfter':
      return through(request, sendOptions).then(() => {
        kill();
        return forEver();
      });
    case 'replyLost':
      return through(request, sendOptions).then(() => ({ kind: 'failed', sent: 'maybe', cause: 'ECONNRESET' }));
    case 'errorWithout':
      return Promise.resolve(UNAVAILABLE);
    case 'errorWith':
      return through(request, sendOptions).then(() => UNAVAILABLE);
    case 'delayed':
      return delayed(options, request, sendOptions, DELAYED_BY);
    case 'delayedToEdge':
      return delayed(options, request, sendOptions, DELAYED_TO_EDGE);
    case 'delayedPastWindow':
      return delayed(options, request, sendOptions, DELAYED_PAST_WINDOW);
    case 'frozen':
      return frozen(options, request, sendOptions, through, FROZEN_FOR);
    case 'frozenPastWindow':
      return frozen(options, request, sendOptions, through, FROZEN_PAST_WINDOW);
    case 'conflict':
      throw new Error(`${fault} strikes no call to the vendor`);
    default:
      strike(fault);
      return through(request, sendOptions);
  }
}

/** The caller hears nothing, and the call is carried out `by` after it gave up. */
async function delayed(
  { clock, inner }: FaultyVendorOptions,
  request: HttpRequest,
  { timeout, signal }: SendOptions,
  by: Millis,
): Promise<HttpResult> {
  clock.setTimer(millis(timeout + by), () => void inner.send(request, { timeout }));
  await sleep(clock, timeout, signal);
  return TIMED_OUT;
}

/** The process stands still right before the first byte. Its deadline does not: the call may be given up as soon as it is sent. */
async function frozen(
  { clock, processClock }: FaultyVendorOptions,
  request: HttpRequest,
  { timeout, signal }: SendOptions,
  through: Send,
  length: Millis,
): Promise<HttpResult> {
  processClock.freeze(length);
  await sleep(clock, length);
  const left = millis(timeout - length);
  if (left > 0) return through(request, signal === undefined ? { timeout: left } : { timeout: left, signal });
  void through(request, { timeout });
  return TIMED_OUT;
}

const UNAVAILABLE: HttpResult = { kind: 'reply', status: 503, headers: {}, body: '' };
const TIMED_OUT: HttpResult = { kind: 'failed', sent: 'maybe', cause: 'timeout' };
