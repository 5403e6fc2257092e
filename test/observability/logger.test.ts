import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import type { LogFields, LogLevel } from '../../src/observability/logger.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { createScrubber } from '../../src/observability/scrubber.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const CANARY = 'canary/9"f\\3a+c7\nb=';

function setUp(level: LogLevel = 'info') {
  const lines: string[] = [];
  const scrubber = createScrubber();
  const log = createLogger({
    level,
    clock: new VirtualClock(),
    scrubber,
    destination: { write: (line) => void lines.push(line) },
  });
  return { log, scrubber, lines, parsed: (): unknown[] => lines.map((line) => JSON.parse(line)) };
}

const parsedLine = (fields: LogFields): unknown => {
  const { log, parsed } = setUp();
  log.info(fields, 'm');
  return parsed()[0];
};

test('a line is one JSON object with the level as a word and the time of the clock', () => {
  const { log, lines } = setUp();
  log.warn({ namespace: 'games', attempt: 'a1' }, 'order has no clear outcome');
  expect(lines).toEqual([
    '{"level":"warn","time":"2026-11-24T20:00:00.000Z","namespace":"games","attempt":"a1","msg":"order has no clear outcome"}\n',
  ]);
});

test('a child adds its fields to every line, and the line’s own win', () => {
  const { log, parsed } = setUp();
  const child = log.child({ controller: 'server' }).child({ name: 'web' });
  child.info({ uid: 'u' }, 'a');
  child.info({ name: 'db' }, 'b');
  log.info({}, 'c');
  expect(parsed()).toMatchObject([
    { controller: 'server', name: 'web', uid: 'u', msg: 'a' },
    { controller: 'server', name: 'db', msg: 'b' },
    { msg: 'c' },
  ]);
  expect(parsed()[2]).not.toHaveProperty('controller');
});

test.each<[LogLevel, readonly string[]]>([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
])('level %s lets through %s', (level, expected) => {
  const { log, parsed } = setUp(level);
  log.debug({}, 'debug');
  log.info({}, 'info');
  log.warn({}, 'warn');
  log.error({}, 'error');
  expect(parsed()).toMatchObject(expected.map((word) => ({ level: word, msg: word })));
  expect(parsed()).toHaveLength(expected.length);
});

describe('fields', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  test.each<[string, LogFields, object]>([
    ['a Secret', { key: new Secret(CANARY) }, { key: '[secret]' }],
    ['a Secret in a list', { keys: [new Secret(CANARY)] }, { keys: ['[secret]'] }],
    [
      'a header',
      { request: { headers: { 'PRIVATE-TOKEN': CANARY } } },
      { request: { headers: { 'PRIVATE-TOKEN': '[secret]' } } },
    ],
    ['headers as a Map', { headers: new Map([['a', 1]]) }, { headers: [['a', 1]] }],
    [
      'a URL with a password',
      { url: new URL('https://me:pw@example.com/a?token=x#y') },
      { url: 'https://example.com/a' },
    ],
    ['bytes', { body: Buffer.from(CANARY) }, { body: '[19 bytes]' }],
    ['a big number', { count: 12n }, { count: '12' }],
    ['a function', { run: () => CANARY }, { run: '[function]' }],
    ['null and a date', { a: null, at: new Date(0) }, { a: null, at: '1970-01-01T00:00:00.000Z' }],
    ['a date that is none', { at: new Date(Number.NaN) }, { at: 'Invalid Date' }],
    [
      'a long list',
      { list: Array.from({ length: 102 }, () => 0) },
      { list: [...Array.from({ length: 100 }, () => 0), '[2 more]'] },
    ],
    ['a long text', { text: 'x'.repeat(5_000) }, { text: `${'x'.repeat(4_000)}…` }],
  ])('%s', (_name, fields, expected) => {
    expect(parsedLine(fields)).toMatchObject(expected);
  });

  test('a circle ends', () => {
    expect(JSON.stringify(parsedLine({ circular }))).toContain('[deeper]');
  });

  test('of an error only type, code, message, stack and three causes are shown, wherever it stands', () => {
    const inner = Object.assign(new Error('4'), { headers: { authorization: CANARY } });
    const third = new Error('3', { cause: inner });
    const second = Object.assign(new TypeError('2', { cause: third }), { response: { body: CANARY } });
    const error = Object.assign(new Error('1', { cause: new Error('1a', { cause: second }) }), {
      code: 'ECONNRESET',
      config: { headers: { 'private-token': CANARY } },
    });
    const line = parsedLine({ err: error, deep: [{ failure: error }] });
    expect(line).toMatchObject({
      err: {
        type: 'Error',
        code: 'ECONNRESET',
        message: '1',
        cause: { cause: { type: 'TypeError', cause: { message: '3' } } },
      },
      deep: [{ failure: { code: 'ECONNRESET' } }],
    });
    expect(JSON.stringify(line)).not.toContain('canary');
    expect(JSON.stringify(line)).not.toContain('"4"');
  });

  test('a cause that is no error is not printed', () => {
    const line = parsedLine({ err: new Error('a', { cause: { headers: { whatever: CANARY } } }) });
    expect(line).toMatchObject({ err: { cause: '[not an Error]' } });
  });
});

describe('a registered secret is taken out of every line', () => {
  test.each<[string, (canary: string) => LogFields]>([
    ['as a field', (canary) => ({ note: canary })],
    ['within a text', (canary) => ({ note: `before ${canary} after` })],
    ['in the message of an error', (canary) => ({ err: new Error(`refused ${canary}`) })],
    [
      'in a nested cause',
      (canary) => ({ err: new Error('a', { cause: new Error('b', { cause: new Error(canary) }) }) }),
    ],
    ['in a header of another name', (canary) => ({ headers: { 'x-anything': canary } })],
    ['as the name of a field', (canary) => ({ [canary]: 1 })],
    ['JSON within JSON', (canary) => ({ body: JSON.stringify({ sshKey: canary }) })],
    ['encoded for a URL', (canary) => ({ path: `/a?b=${encodeURIComponent(canary)}` })],
    ['in Base64', (canary) => ({ body: Buffer.from(canary).toString('base64') })],
  ])('%s', (_name, fields) => {
    const { log, scrubber, lines } = setUp();
    scrubber.registerSecret(new Secret(CANARY));
    log.info(fields(CANARY), 'm');
    expect(lines[0]).toContain('[secret]');
    for (const trace of ['canary', encodeURIComponent(CANARY), Buffer.from(CANARY).toString('base64').slice(0, 20)]) {
      expect(lines[0]).not.toContain(trace);
    }
    expect(() => void JSON.parse(lines[0] ?? '')).not.toThrow();
  });

  test('also from the message itself', () => {
    const { log, scrubber, lines } = setUp();
    scrubber.registerSecret(new Secret('canary-9f3ac7'));
    log.info({}, 'token canary-9f3ac7');
    expect(lines[0]).toContain('token [secret]');
  });
});

describe('scrubber', () => {
  test('a newline at the end of the token file does not matter', () => {
    const scrubber = createScrubber();
    scrubber.registerSecret(new Secret('canary-9f3ac7\n'));
    expect(scrubber.scrub('a canary-9f3ac7 b')).toBe('a [secret] b');
  });

  test('texts too short to be secrets are left alone', () => {
    const scrubber = createScrubber();
    scrubber.registerSecret(new Secret('info'));
    expect(scrubber.scrub('{"level":"info"}')).toBe('{"level":"info"}');
  });

  test('a secret that is registered again outlives five hundred newer ones', () => {
    const scrubber = createScrubber();
    const token = new Secret('canary-9f3ac7');
    scrubber.registerSecret(token);
    for (let at = 0; at < 600; at += 1) {
      scrubber.registerSecret(new Secret(`other-secret-${at}`));
      if (at % 100 === 0) scrubber.registerSecret(token);
    }
    expect(scrubber.scrub('canary-9f3ac7 other-secret-599')).toBe('[secret] [secret]');
    expect(scrubber.scrub('other-secret-0;')).toBe('other-secret-0;');
  });
});

test('what is still waiting to be written when the process exits is written', () => {
  const program = `
    import { createLogger, stdoutDestination } from './src/observability/logger.ts';
    import { createScrubber } from './src/observability/scrubber.ts';
    import { systemClock } from './src/runtime/system-clock.ts';
    const log = createLogger({ level: 'info', clock: systemClock, scrubber: createScrubber(), destination: stdoutDestination() });
    for (let at = 0; at < 2000; at += 1) log.info({ at }, 'line');
    process.exit(0);
  `;
  const output = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', program], {
    encoding: 'utf8',
  });
  expect(output.trimEnd().split('\n')).toHaveLength(2_000);
});
