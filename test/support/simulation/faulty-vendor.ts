import type { Clock } from '../../../src/base/clock.ts';
import { sleep } from '../../../src/base/clock.ts';
import { millis, seconds } from '../../../src/base/time.ts';
import type { FlexMetalTransport, HttpRequest, HttpResult, SendOptions } from '../../../src/flexmetal/transport.ts';
import type { FaultName } from './plan.ts';

export interface FaultyVendorOptions {
  readonly inner: FlexMetalTransport;
  /** Of the world: what was sent arrives although its sender died. */
  readonly clock: Clock;
  readonly isDead: () => boolean;
  /** Asked once for each call that changes something, when it is about to leave. */
  readonly effect: (request: HttpRequest) => FaultName | undefined;
  readonly kill: () => void;
  readonly handOver: (fault: 'handOver' | 'cutOff') => void;
}

export const FOR_EVER: Promise<never> = new Promise(() => undefined);

/** How much later than its caller's patience a delayed call is carried out. */
export const DELAYED_BY = seconds(60);

/** One process's way to the vendor, with the plan's faults on it. With the process it falls silent. */
export function faultyVendor(options: FaultyVendorOptions): FlexMetalTransport {
  const { inner, isDead } = options;
  const alive = async <T>(result: Promise<T>): Promise<T> => {
    const value = await result;
    return isDead() ? FOR_EVER : value;
  };
  const send = (request: HttpRequest, sendOptions: SendOptions, through: FlexMetalTransport['send']) =>
    isDead() ? FOR_EVER : alive(deliver(options, request, sendOptions, through));
  return {
    send: (request, sendOptions) => send(request, sendOptions, (r, o) => inner.send(r, o)),
    connect: async (connectOptions) => {
      if (isDead()) return FOR_EVER;
      const opened = await alive(inner.connect(connectOptions));
      if (!('send' in opened)) return opened;
      return {
        send: (request, sendOptions) => send(request, sendOptions, (r, o) => opened.send(r, o)),
        close: () => opened.close(),
      };
    },
  };
}

function deliver(
  { inner, clock, effect, kill, handOver }: FaultyVendorOptions,
  request: HttpRequest,
  options: SendOptions,
  through: FlexMetalTransport['send'],
): Promise<HttpResult> {
  const fault = request.method === 'GET' ? undefined : effect(request);
  switch (fault) {
    case undefined:
      return through(request, options);
    case 'killBefore':
      kill();
      return FOR_EVER;
    case 'killAfter':
      return through(request, options).then(() => {
        kill();
        return FOR_EVER;
      });
    case 'replyLost':
      return through(request, options).then(() => ({ kind: 'failed', sent: 'maybe', cause: 'ECONNRESET' }));
    case 'errorWithout':
      return Promise.resolve(UNAVAILABLE);
    case 'errorWith':
      return through(request, options).then(() => UNAVAILABLE);
    case 'delayed':
      clock.setTimer(
        millis(options.timeout + DELAYED_BY),
        () => void inner.send(request, { timeout: options.timeout }),
      );
      return sleep(clock, options.timeout, options.signal).then(() => ({
        kind: 'failed',
        sent: 'maybe',
        cause: 'timeout',
      }));
    case 'handOver':
    case 'cutOff':
      handOver(fault);
      return through(request, options);
  }
}

const UNAVAILABLE: HttpResult = { kind: 'reply', status: 503, headers: {}, body: '' };
