import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { readScenario } from '../../src/simulator/scenario.ts';
import type { SimulatorServer } from '../../src/simulator/server.ts';
import { startSimulatorServer } from '../../src/simulator/server.ts';
import { Simulation } from '../../src/simulator/simulation.ts';

/** The whole program as its own process: what `check` is wired to. */
const MAIN = path.join(import.meta.dirname, '../../src/main.ts');
const TIMEOUT = { timeout: 60_000 };

let folder = '';
let vendor: SimulatorServer;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-check-'));
  const scenario = readScenario({ tokens: [{ token: 'right-token' }] });
  vendor = await startSimulatorServer({ simulation: new Simulation(scenario, systemClock), port: 0 });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await vendor.close();
});

function start(argv: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, 'check', ...argv], { env: { PATH: process.env['PATH'] } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const end = once(child, 'close').then(([code]: unknown[]) => ({ code, output }));
  return { child, end };
}

function tokenFile(token: string): string {
  const file = path.join(folder, token);
  writeFileSync(file, token);
  return `--token-file=${file}`;
}

test('a token that the API takes, and one that it does not', TIMEOUT, async () => {
  const url = `--api-url=${vendor.url}`;
  expect(await start(['--api', url, tokenFile('right-token')]).end).toEqual({
    code: 0,
    output: `${vendor.url} takes the token. It lists 0 servers.\n`,
  });
  const refused = await start(['--api', url, tokenFile('wrong-token')]).end;
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('Orders and releases wait until the token is right.');
  expect(refused.output).not.toContain('wrong-token');
});

test('told to stop while it waits, it does not say that all is well', TIMEOUT, async () => {
  const server = createServer((_request, response) => response.writeHead(503).end('not yet')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { child, end } = start(['--ready', `http://127.0.0.1:${port}`]);
  await once(server, 'request');
  child.kill('SIGTERM');
  const { code, output } = await end;
  server.close();
  expect(code).not.toBe(0);
  expect(output).toContain('before it was told to stop');
});
