import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { Millis } from '../base/time.ts';
import { elapsed, formatDuration, millis, seconds } from '../base/time.ts';
import type { Finding } from './finding.ts';
import type { Got } from './http-get.ts';

export interface ReadyPorts {
  readonly clock: Clock;
  readonly get: (url: URL, options: { readonly timeout: Millis; readonly signal: AbortSignal }) => Promise<Got>;
  readonly stop: AbortSignal;
}

const PAUSE: Millis = seconds(1);
/** One silent connection must not use up the whole time. */
const CALL_TIMEOUT: Millis = seconds(5);
const LINES_MAX = 10;
const LINE_LENGTH_MAX = 200;

/** Asks an address until it answers with 200 or the time is over. `wrong`: it answered, but not so. */
export async function checkReady(url: URL, timeout: Millis, { clock, get, stop }: ReadyPorts): Promise<Finding> {
  const name = `${url.origin}${url.pathname}`;
  const startedAt = clock.monotonic();
  const left = (): Millis => millis(timeout - elapsed(startedAt, clock.monotonic()));
  let last: Got = { kind: 'failed', cause: 'nothing was asked' };
  while (left() > 0 && !stop.aborted) {
    last = await get(url, { timeout: millis(Math.min(CALL_TIMEOUT, left())), signal: stop });
    if (last.kind === 'reply' && last.status === 200)
      return { verdict: 'right', lines: [`${name} answers 200:`, ...beginning(last.text)] };
    await sleep(clock, millis(Math.max(0, Math.min(PAUSE, left()))), stop);
  }
  const within = stop.aborted ? 'before it was told to stop' : `within ${formatDuration(timeout)}`;
  if (last.kind === 'failed')
    return {
      verdict: 'unknown',
      lines: [`${name} gave no answer ${within} (${last.cause}). Is the operator running there?`],
    };
  return {
    verdict: 'wrong',
    lines: [`${name} did not answer 200 ${within}. It last answered ${last.status}:`, ...beginning(last.text)],
  };
}

/** Whatever it is that answers: some lines are enough, and nothing that moves the terminal's cursor. */
function beginning(text: string): readonly string[] {
  const lines = text.trimEnd().split('\n');
  const shown = lines
    .slice(0, LINES_MAX)
    .map((line) => `  ${line.replaceAll(/[^\x20-\x7e\u00a0-\ufffd]/g, '?').slice(0, LINE_LENGTH_MAX)}`);
  return lines.length > LINES_MAX ? [...shown, '  …'] : shown;
}
