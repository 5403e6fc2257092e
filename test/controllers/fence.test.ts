import { describe, expect, test } from 'vitest';
import { millis } from '../../src/base/time.ts';
import type { FenceChecks, OpenCall, Opening, Verdict } from '../../src/controllers/fence.ts';
import { fenced, GO, stop } from '../../src/controllers/fence.ts';
import { ACCOUNT } from '../support/builders.ts';

/** A call that writes down in which order things happen to it. */
function rehearsal(verdicts: { readonly live?: Verdict; readonly now?: Verdict } = {}) {
  const steps: string[] = [];
  const stops: string[] = [];
  const call: OpenCall<string> = {
    kind: 'open',
    account: ACCOUNT,
    send: async () => {
      steps.push('send');
      return 'sent';
    },
    close: () => steps.push('close'),
  };
  const checks: FenceChecks = {
    live: async () => {
      steps.push('live');
      await Promise.resolve();
      return verdicts.live ?? GO;
    },
    now: (account) => {
      steps.push(`now as ${account.tokenFingerprint}`);
      queueMicrotask(() => steps.push('something else runs'));
      return verdicts.now ?? GO;
    },
    onStop: (word, message) => stops.push(`${word}: ${message}`),
  };
  const open = async (): Promise<Opening<string>> => {
    steps.push('open');
    return call;
  };
  return { steps, stops, call, checks, open };
}

describe('the fence', () => {
  test('connects, checks live, checks once more, and writes with nothing in between', async () => {
    const { steps, stops, checks, open } = rehearsal();
    expect(await fenced(open, checks)).toBe('sent');
    expect(steps).toEqual(['open', 'live', 'now as fp-ours', 'send', 'something else runs', 'close']);
    expect(stops).toEqual([]);
  });

  test.each<[string, Parameters<typeof rehearsal>[0], readonly string[]]>([
    ['live', { live: stop('paused', 'It is paused.') }, ['open', 'live', 'close']],
    [
      'last',
      { now: stop('paused', 'It is paused.') },
      ['open', 'live', 'now as fp-ours', 'something else runs', 'close'],
    ],
  ])('sends nothing when the %s check says no', async (_name, verdicts, expected) => {
    const { steps, stops, checks, open } = rehearsal(verdicts);
    expect(await fenced(open, checks)).toEqual({ kind: 'notSent', message: 'It is paused.', retryAfter: undefined });
    await Promise.resolve();
    expect(steps.toSorted()).toEqual([...expected].toSorted());
    expect(stops).toEqual(['paused: It is paused.']);
  });

  test.each<[string, Opening<string>, object]>([
    [
      'the budget is used up',
      { kind: 'denied', message: 'Too many requests.', retryAfter: millis(3_000) },
      { kind: 'notSent', message: 'Too many requests.', retryAfter: 3_000 },
    ],
    [
      'no connection comes about',
      { kind: 'notConnected', cause: 'ECONNREFUSED' },
      { kind: 'notSent', message: expect.stringContaining('ECONNREFUSED'), retryAfter: undefined },
    ],
  ])('checks nothing when %s', async (_name, opening, expected) => {
    const { steps, checks } = rehearsal();
    expect(await fenced(() => Promise.resolve(opening), checks)).toEqual(expected);
    expect(steps).toEqual([]);
  });

  test('gives the connection back when a check throws', async () => {
    const { steps, checks, open } = rehearsal();
    const broken: FenceChecks = { ...checks, live: () => Promise.reject(new Error('a bug')) };
    await expect(fenced(open, broken)).rejects.toThrow('a bug');
    expect(steps).toEqual(['open', 'close']);
  });

  test('gives the connection back when sending throws', async () => {
    const { steps, call, checks } = rehearsal();
    const broken: OpenCall<string> = { ...call, send: () => Promise.reject(new Error('a bug')) };
    await expect(fenced(() => Promise.resolve(broken), checks)).rejects.toThrow('a bug');
    expect(steps.at(-1)).toBe('close');
  });
});
