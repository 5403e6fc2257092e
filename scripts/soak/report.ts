import { formatNumber } from '../bench/result.ts';
import type { PromiseKept, SoakResult, Trend } from './result.ts';

/** The result as text for a terminal. */
export function textOf(result: SoakResult): string {
  const { options, traffic, did, calm, atRest, trends, promises, tookSeconds } = result;
  return [
    `Soak of ${options.minutes} minutes with ${options.objects} objects, seed ${options.seed}; ${Math.round(tookSeconds / 60)} minutes in all`,
    '',
    ...rows([['', 'mean', 'most', 'slope an hour', '95 % interval', 'over', ''], ...trends.map(trendRow)]),
    '',
    ...rows([
      ['without objects', 'RSS MiB', 'heap MiB', 'descriptors', 'sockets', 'timers'],
      ...Object.entries(atRest).map(([which, { rssMiB, heapMiB, fileDescriptors, sockets, timers }]) => [
        `${which} process`,
        ...[rssMiB, heapMiB, fileDescriptors, sockets, timers].map(formatNumber),
      ]),
    ]),
    '',
    `${traffic.objectsEver} objects, ${traffic.orders} orders, ${traffic.servers} servers, at most ${traffic.serversLiveMost} at once; ` +
      `${traffic.vendorCallsPerMinute} calls a minute to FlexMetal, ${traffic.kubeCallsPerMinute} to Kubernetes; ` +
      `a server was paid for ${traffic.longestPaidAfterDeleteSeconds ?? 0} s after its object was deleted at the longest`,
    `After the storm all were at rest within ${calm.restAfterSeconds} s (${countsOf(calm.atRest)}), and gone ${calm.goneAfterSeconds} s after they were deleted`,
    `Users: ${countsOf(did.users)}`,
    `Vendor: ${countsOf(did.vendorFaults)}`,
    `Broken: ${countsOf(did.breakages)}`,
    '',
    ...rows(promises.map(promiseRow)),
    ...promises.flatMap(({ broken }) => broken.map((sentence) => `  ${sentence}`)),
    '',
    result.passed ? 'Every promise was kept.' : 'A promise was broken.',
  ].join('\n');
}

const trendRow = ({
  what,
  unit,
  mean,
  most,
  slopePerHour,
  low,
  high,
  minutes,
  blocks,
  verdict,
}: Trend): readonly string[] => [
  unit === '' ? what : `${what}, ${unit}`,
  formatNumber(mean),
  formatNumber(most),
  formatNumber(slopePerHour),
  `${formatNumber(low)} to ${formatNumber(high)}`,
  `${Math.round(minutes)} min, ${blocks} blocks`,
  verdict,
];

const promiseRow = ({ promise, checked, broken }: PromiseKept): readonly string[] => [
  broken.length === 0 ? 'kept' : 'BROKEN',
  promise,
  `${checked} checked`,
];

const countsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');

function rows(cells: readonly (readonly string[])[]): readonly string[] {
  const columns = Math.max(...cells.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
