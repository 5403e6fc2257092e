import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as z from 'zod';
import { freePort } from '../../../test/support/cluster/free-port.ts';
import type { History } from './history.ts';

/** One line of an answer: its labels, and a value for each moment that has one, in seconds since 1970. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

export type Ask = (query: string) => Promise<readonly Series[]>;

/** So many moments are asked for: one every three minutes. */
const STEPS = 120;
const START_TRIES = 100;
const START_PAUSE_MS = 100;

const Answer = z.object({
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
    ),
  }),
});

/**
 * Puts a history into a Prometheus of its own and lets `work` ask it.
 * @throws when a program cannot be started or a query is refused
 */
export async function withPrometheus<T>(
  given: { readonly prometheus: string; readonly promtool: string; readonly history: History },
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const { prometheus, promtool, history } = given;
  const folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-picture-'));
  const data = path.join(folder, 'data');
  mkdirSync(data);
  writeFileSync(path.join(folder, 'history.txt'), history.openMetrics);
  writeFileSync(path.join(folder, 'prometheus.yaml'), '{}\n');
  await promisify(execFile)(promtool, [
    'tsdb',
    'create-blocks-from',
    'openmetrics',
    path.join(folder, 'history.txt'),
    data,
  ]);
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    prometheus,
    [
      `--config.file=${path.join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=100y',
      // What was read live ends with a mark when a series ends; a history has none, so it must end by itself.
      '--query.lookback-delta=45s',
      `--web.listen-address=${address}`,
    ],
    { stdio: 'ignore' },
  );
  try {
    await started(address);
    return await work((query) => range(address, query, history));
  } finally {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill();
    await ended;
    rmSync(folder, { recursive: true });
  }
}

async function started(address: string): Promise<void> {
  for (let tries = 0; tries < START_TRIES; tries += 1) {
    const isReady = await fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await delay(START_PAUSE_MS);
  }
  throw new Error(`Prometheus did not become ready at ${address}`);
}

async function range(address: string, query: string, { from, until }: History): Promise<readonly Series[]> {
  const asked = new URLSearchParams({
    query,
    start: String(from),
    end: String(until),
    step: String((until - from) / STEPS),
  });
  const reply = await fetch(`http://${address}/api/v1/query_range?${asked.toString()}`);
  const body = await reply.text();
  if (!reply.ok) throw new Error(`Prometheus refused ${query}: ${body}`);
  return Answer.parse(JSON.parse(body)).data.result.map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([at, value]) => ({ at, value: Number(value) })).filter(({ value }) => Number.isFinite(value)),
  }));
}
