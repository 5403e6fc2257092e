import { counted, number, table, took } from '../markdown.ts';
import type { Results } from '../results.ts';

/** Each effect × fault of the real process. */
export function kills({ kills: { entry, node, lanes, cores, totals, matrix, ...result } }: Results): string {
  return [
    `\`${entry}\` on Node ${node}, ${counted(lanes, 'lane')} on ${counted(cores, 'core')}. ${counted(totals.runs, 'run')}, ${counted(totals.kills, 'kill')}, ${number(totals.notReached)} fail points that a run did not come to, ${counted(totals.differences, 'run')} that ended otherwise than in the simulation.`,
    '',
    table(
      ['effect', 'fault', 'runs', 'kills', 'doubles', 'leaks', 'not as wanted', 'otherwise than simulated'],
      matrix.map((row) => [
        `\`${row.effect}\``,
        row.fault,
        row.runs,
        row.kills,
        row.doubles,
        row.leaks,
        row.notReady,
        row.differences,
      ]),
    ),
    '',
    `Effects of runs without faults that only the process has: ${listed(result.effectsOnlyReal)}; only the simulation: ${listed(result.effectsOnlySimulated)}.`,
    '',
    ...result.failures.map((failure) => `- not as it must be: ${failure}`),
  ]
    .join('\n')
    .trimEnd();
}

const listed = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : names.map((name) => `\`${name}\``).join(', ');

/** What a long run under random faults came to. */
export function soak({ soak: result }: Results): string {
  const { did, traffic, machine, calm } = result;
  return [
    `${counted(traffic.objectsEver, 'object')}, ${counted(traffic.orders, 'order')}, ${counted(traffic.servers, 'server')}; ${number(sum(did.users))} acts of users, ${number(sum(did.vendorFaults))} faults of the vendor's API, ${number(sum(did.breakages))} breakages of operator, API server, connections and token. Everything was at rest ${took(calm.restAfterSeconds)} after the storm, and gone ${took(calm.goneAfterSeconds)} after that. ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, load ${result.loadAverage}.`,
    '',
    table(
      ['promise', 'tried', 'broken'],
      result.promises.map(({ promise, checked, broken }) => [promise, checked, broken.length]),
    ),
    '',
    table(
      ['memory and handles', 'mean', 'an hour', '95 % interval', 'counts as flat up to', 'verdict'],
      result.trends.map((trend) => [
        trend.what,
        `${number(trend.mean)} ${trend.unit}`,
        number(trend.slopePerHour),
        `${number(trend.low)} … ${number(trend.high)}`,
        number(trend.boundPerHour),
        `${trend.verdict} over ${counted(trend.minutes, 'minute')}`,
      ]),
    ),
  ].join('\n');
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
