import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { loadAll } from 'js-yaml';
import type { ValueSet } from './value-sets.ts';

/** The charts' folders are in here. */
export const CHARTS = path.join(import.meta.dirname, '../../../helm');

/** The oldest cluster that the chart is for. Else a Helm takes the newest that it knows, and one built here may know only an old one. */
const CLUSTER = ['--kube-version', '1.30.0'] as const;

/**
 * The objects that `helm template` makes of a chart with these values.
 * @throws Error with what Helm says when it refuses
 */
export async function render(given: {
  readonly helm: string;
  readonly chart: string;
  readonly values: object;
  readonly release?: string;
  readonly namespace?: string;
  readonly flags?: readonly string[];
}): Promise<readonly unknown[]> {
  const { helm, chart, values, release = 'flexmetal-operator', namespace = 'flexmetal-system', flags = [] } = given;
  const argv = ['template', release, chart, '--namespace', namespace, ...CLUSTER, '--values', '-', ...flags];
  return loadAll(await ask(helm, argv, values)).filter((object) => object !== null && object !== undefined);
}

/**
 * The documents that `helm template` makes of a set, in its order, each as text without empty lines around it.
 * @throws Error with what Helm says when it refuses
 */
export async function renderSet(helm: string, set: ValueSet): Promise<readonly string[]> {
  const { release = 'flexmetal-operator', namespace = 'flexmetal-system', values } = set;
  const argv = ['template', release, chartOf(set), '--namespace', namespace, ...CLUSTER, ...filesOf(set)];
  const documents = (await ask(helm, argv, values)).split(/^---\n/m).map((document) => document.trim());
  return documents.filter((document) => document !== '');
}

/**
 * What `helm install` says at its end. Helm 4 tells without a cluster.
 * @throws Error with what Helm says when it refuses
 */
export async function notesOf(helm: string, set: ValueSet): Promise<string> {
  const { release = 'flexmetal-operator', namespace = 'flexmetal-system', values } = set;
  const argv = ['install', release, chartOf(set), '--namespace', namespace, '--dry-run=client', ...filesOf(set)];
  const out = await ask(helm, argv, values);
  return `${out.slice(out.indexOf('\nNOTES:\n') + '\nNOTES:\n'.length).trim()}\n`;
}

/**
 * `helm lint --strict` on a set.
 * @throws Error with what it found
 */
export async function lintSet(helm: string, set: ValueSet): Promise<void> {
  const { namespace = 'flexmetal-system', values } = set;
  await ask(helm, ['lint', '--strict', chartOf(set), '--namespace', namespace, ...filesOf(set)], values);
}

const chartOf = ({ chart = 'flexmetal-operator' }: ValueSet): string => path.join(CHARTS, chart);

/** The last ones are read from standard input. */
const filesOf = (set: ValueSet): readonly string[] =>
  [...(set.file === undefined ? [] : [path.join(chartOf(set), set.file)]), '-'].flatMap((file) => ['--values', file]);

/** What Helm prints when it is given these values. */
async function ask(helm: string, argv: readonly string[], values: object): Promise<string> {
  const child = spawn(helm, argv, { stdio: 'pipe' });
  child.stdin.end(JSON.stringify(values));
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    }),
  ]);
  // What lint finds stands on standard output.
  if (code !== 0) throw new Error(argv[0] === 'lint' ? `${out}${err}` : err);
  return out;
}
