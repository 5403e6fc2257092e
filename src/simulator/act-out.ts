import type { ServerResponse } from 'node:http';
import { assertNever } from '../base/assert-never.ts';
import type { Clock } from '../base/clock.ts';
import type { Millis } from '../base/time.ts';
import type { SimulatedReply } from './world.ts';

/** What comes after the body of a huge reply, a piece at a time. */
const FILLER = ' '.repeat(65_536);

/**
 * Sends one reply the way its delivery says: whole, slowly, in part, or not at all.
 * @param collect fetches the reply that was not there yet
 * Ends early when the caller hangs up; leaves no timer behind then.
 */
export function actOut(
  clock: Clock,
  response: ServerResponse,
  reply: SimulatedReply,
  collect: (ticket: string) => SimulatedReply,
): void {
  const { delivery } = reply;
  switch (delivery.kind) {
    case 'hang':
      return;
    case 'later':
      // Collected also when the caller is gone: nobody else would, and the effect does not depend on it.
      clock.setTimer(delivery.wait, () => actOut(clock, response, collect(delivery.ticket), collect));
      return;
    case 'respond':
      after(clock, response, delivery.after, () =>
        response.writeHead(reply.status, lengthened(reply, Buffer.byteLength(reply.body))).end(reply.body),
      );
      return;
    case 'reset':
      after(clock, response, delivery.after, () => reset(response, reply, delivery.within));
      return;
    case 'truncate':
      after(clock, response, delivery.after, () => {
        response.writeHead(reply.status, lengthened(reply, Buffer.byteLength(reply.body)));
        response.write(half(reply.body), () => response.socket?.end());
      });
      return;
    case 'slow':
      after(clock, response, delivery.after, () => {
        response.writeHead(reply.status, lengthened(reply, Buffer.byteLength(reply.body)));
        response.flushHeaders();
        drip(clock, response, Buffer.from(reply.body), delivery.bytes, delivery.every);
      });
      return;
    case 'pad':
      after(clock, response, delivery.after, () => {
        response.writeHead(reply.status, lengthened(reply, Math.max(delivery.bytes, Buffer.byteLength(reply.body))));
        response.write(reply.body);
        pad(response, delivery.bytes - Buffer.byteLength(reply.body));
      });
      return;
    default:
      assertNever(delivery, 'delivery');
  }
}

const half = (body: string): string => body.slice(0, Math.floor(body.length / 2));

function lengthened(reply: SimulatedReply, bytes: number): Record<string, string> {
  // 204 has no body, and so no length.
  return reply.status === 204 ? { ...reply.headers } : { ...reply.headers, 'content-length': String(bytes) };
}

function after(clock: Clock, response: ServerResponse, delay: Millis, run: () => void): void {
  if (delay <= 0) {
    run();
    return;
  }
  const timer = clock.setTimer(delay, () => {
    response.removeListener('close', gone);
    if (!response.destroyed) run();
  });
  const gone = (): void => timer.cancel();
  response.once('close', gone);
}

function reset(response: ServerResponse, reply: SimulatedReply, within: 'silence' | 'headers' | 'body'): void {
  const socket = response.socket;
  if (socket === null) return;
  const abort = (): void => {
    socket.resetAndDestroy();
  };
  switch (within) {
    case 'silence':
      abort();
      return;
    case 'headers':
      // Past `response`, which only knows whole headers.
      socket.write(`HTTP/1.1 ${reply.status} OK\r\nContent-Type: applica`, abort);
      return;
    case 'body':
      response.writeHead(reply.status, lengthened(reply, Buffer.byteLength(reply.body)));
      response.write(half(reply.body) || '[', abort);
      return;
    default:
      assertNever(within, 'place of the reset');
  }
}

function drip(clock: Clock, response: ServerResponse, body: Buffer, bytes: number, every: Millis): void {
  if (response.destroyed) return;
  if (body.length === 0) {
    response.end();
    return;
  }
  after(clock, response, every, () => {
    response.write(body.subarray(0, bytes));
    drip(clock, response, body.subarray(bytes), bytes, every);
  });
}

/** Writes only as fast as the caller reads. */
function pad(response: ServerResponse, bytesLeft: number): void {
  let left = bytesLeft;
  const go = (): void => {
    while (left > 0 && !response.destroyed) {
      const piece = FILLER.slice(0, left);
      left -= piece.length;
      if (!response.write(piece)) {
        response.once('drain', go);
        return;
      }
    }
    response.end();
  };
  go();
}
