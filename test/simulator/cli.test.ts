import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { request } from 'undici';
import { seededRandom } from '../../src/base/random.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { simulatorMain } from '../../src/simulator/cli.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulator-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Run {
  readonly out: string[];
  readonly err: string[];
  readonly exit: Promise<number>;
  readonly stop: () => void;
}

function run(...argv: readonly string[]): Run {
  const controller = new AbortController();
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    clock: systemClock,
    random: seededRandom(1),
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    stop: controller.signal,
  };
  return { out, err, exit: simulatorMain(argv, io), stop: () => controller.abort() };
}

/** Waits until it listens. */
async function started(...argv: readonly string[]): Promise<Run & { readonly url: string }> {
  const running = run('--port', '0', ...argv);
  for (;;) {
    const line = running.out.find((text) => text.startsWith('listening on '));
    if (line !== undefined) return { ...running, url: line.slice('listening on '.length) };
    if (running.err.length > 0) throw new Error(running.err.join('\n'));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function statusWith(url: string, token: string): Promise<number> {
  const reply = await request(`${url}/v3/flexMetal/location`, { headers: { 'private-token': token }, reset: true });
  await reply.body.dump();
  return reply.statusCode;
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('the simulator command', () => {
  test('prints a generated token once, serves, logs, and stops with 0', async () => {
    const { url, out, err, exit, stop } = await started();
    const token = out[0]?.replace('token: ', '') ?? '';
    expect(token).toMatch(/^[0-9a-f]{40}$/);
    expect([await statusWith(url, token), await statusWith(url, 'simulator-token')]).toEqual([200, 403]);
    stop();
    expect(await exit).toBe(0);
    expect(out).toHaveLength(2);
    expect(err).toEqual([
      expect.stringMatching(/^\S+Z GET \/v3\/flexMetal\/location 200 req-1$/),
      expect.stringMatching(/403 req-2$/),
      expect.stringMatching(/stopped$/),
    ]);
    expect(err.join()).not.toContain(token);
  });

  test('takes the token from a file and prints none', async () => {
    const { url, out, exit, stop } = await started('--quiet', '--token-file', await file('token', ' from-file\n'));
    expect(await statusWith(url, 'from-file')).toBe(200);
    stop();
    expect([await exit, out]).toEqual([0, [`listening on ${url}`]]);
  });

  test('takes tokens from the scenario, where options stand above', async () => {
    const scenario = await file('s.yaml', 'tokens: [{token: mine}]\nseed: 4\ntimeScale: 2\n');
    const { url, err, exit, stop } = await started('--quiet', '--scenario', scenario, '--time-scale', '60');
    expect(await statusWith(url, 'mine')).toBe(200);
    const state = await (await request(`${url}/__sim/state`, { reset: true })).body.json();
    expect(state).toMatchObject({ settings: { seed: 4, timeScale: 60 } });
    stop();
    expect([await exit, err]).toEqual([0, [expect.stringContaining('stopped')]]);
  });

  test('explains every option', async () => {
    const { out, exit } = run('--help');
    expect(await exit).toBe(0);
    for (const option of [
      'port',
      'address',
      'scenario',
      'token-file',
      'time-scale',
      'seed',
      'admin-from-anywhere',
      'relay-to',
      'quiet',
      'help',
    ]) {
      expect(out.join('\n')).toContain(`  --${option}`);
    }
  });

  test.each([
    [['--prot', '1'], "Unknown option '--prot'"],
    [['extra'], "Unexpected argument 'extra'"],
    [['--port', 'x'], '--port x: give a port from 0 to 65535'],
    [['--relay-to', 'http://a:1'], '--relay-to http://a:1: give a host and a port'],
    [['--relay-to', 'a:0'], '--relay-to a:0: give a host and a port'],
    [['--relay-to', 'a:1', '--seed', '1'], '--relay-to and --seed: give --seed to the simulator at the other end'],
    [['--port', '70000'], '--port 70000: give a port from 0 to 65535'],
    [['--time-scale', '0'], '--time-scale 0: give a number above 0, such as 60'],
    [['--seed', '1.5'], '--seed 1.5: give a whole number from 0'],
    [['--scenario', '/nowhere.yaml'], '--scenario /nowhere.yaml: cannot be read (ENOENT)'],
    [['--token-file', '/nowhere'], '--token-file /nowhere: cannot be read (ENOENT)'],
  ])('refuses %j and says why', async (argv, message) => {
    const { err, exit } = run(...argv);
    expect(await exit).toBe(2);
    expect(err.join('\n')).toContain(message);
  });

  test('refuses a wrong scenario and an empty token file', async () => {
    const wrong = run('--scenario', await file('wrong.yaml', 'sede: 1'));
    const empty = run('--token-file', await file('empty', '\n'));
    expect([await wrong.exit, await empty.exit]).toEqual([2, 2]);
    expect([wrong.err.join(), empty.err.join()]).toEqual([
      expect.stringContaining('Unrecognized key: "sede"'),
      expect.stringContaining('is empty'),
    ]);
  });

  test('ends with 1 when it cannot listen', async () => {
    const first = await started();
    const second = run('--port', new URL(first.url).port);
    expect(await second.exit).toBe(1);
    expect(second.err.join()).toMatch(/cannot listen on 127\.0\.0\.1 port \d+: .*choose another/);
    first.stop();
    await first.exit;
  });
});
