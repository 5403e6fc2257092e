import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into the operator's process before its program, whatever that is: collects all garbage now and then and writes down how much
 * of the heap is left. Between two collections the heap also holds what nobody needs any more, and that says nothing of a leak.
 */
const EVERY_MS = 10_000;
const MIB = 1_024 * 1_024;

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
const file = process.env['SOAK_COLLECTIONS'];

if (file !== undefined && typeof collect === 'function') {
  setInterval(() => {
    collect();
    appendFileSync(file, `${process.memoryUsage().heapUsed / MIB}\n`);
  }, EVERY_MS).unref();
}
