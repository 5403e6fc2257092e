import { expect, test } from 'vitest';
import { elapsed, seconds } from '../../src/base/time.ts';
import { checkReady } from '../../src/cli/check-ready.ts';
import type { Got } from '../../src/cli/http-get.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const ADDRESS = new URL('http://operator:8081/readyz?verbose');
const reply = (status: number, text = ''): Got => ({ kind: 'reply', status, text });

async function checked(answers: readonly Got[], stop = new AbortController().signal) {
  const clock = new VirtualClock();
  const startedAt = clock.monotonic();
  let asked = 0;
  let isDone = false;
  const work = checkReady(ADDRESS, seconds(10), {
    clock,
    stop,
    get: () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)] ?? reply(500)),
  }).finally(() => (isDone = true));
  await clock.advanceUntil(() => isDone, 60_000);
  return { finding: await work, asked, took: elapsed(startedAt, clock.monotonic()) };
}

test('ready at once: nothing is waited for', async () => {
  expect(await checked([reply(200, '[+] informer ok\nok\n')])).toEqual({
    finding: { verdict: 'right', lines: ['http://operator:8081/readyz answers 200:', '  [+] informer ok', '  ok'] },
    asked: 1,
    took: 0,
  });
});

test('ready later', async () => {
  const answers: readonly Got[] = [{ kind: 'failed', cause: 'ECONNREFUSED' }, reply(503), reply(503), reply(200, 'ok')];
  const { finding, asked, took } = await checked(answers);
  expect([finding.verdict, asked, took]).toEqual(['right', 4, 3_000]);
});

test('never ready: it says what the address said last', async () => {
  const { finding, took } = await checked([reply(503, '[-] leader failed: no lease\nfailed\n')]);
  expect(finding).toEqual({
    verdict: 'wrong',
    lines: [
      'http://operator:8081/readyz did not answer 200 within 10 s. It last answered 503:',
      '  [-] leader failed: no lease',
      '  failed',
    ],
  });
  expect(took).toBe(10_000);
});

test('nobody there: that cannot be told from a wrong address', async () => {
  expect((await checked([{ kind: 'failed', cause: 'ENOTFOUND' }])).finding).toEqual({
    verdict: 'unknown',
    lines: ['http://operator:8081/readyz gave no answer within 10 s (ENOTFOUND). Is the operator running there?'],
  });
});

test('told to stop: it does not say that all is well', async () => {
  const { finding, took } = await checked([reply(503, 'failed')], AbortSignal.abort());
  expect([finding.verdict, took]).toEqual(['unknown', 0]);
});

test('much text is cut, and nothing of it moves the cursor', async () => {
  const text = `\u001b[2J${'x'.repeat(300)}\n${'line\n'.repeat(20)}`;
  const { finding } = await checked([reply(200, text)]);
  expect(finding.lines).toHaveLength(12);
  expect(finding.lines[1]).toBe(`  ?[2J${'x'.repeat(196)}`);
  expect(finding.lines.at(-1)).toBe('  …');
});
