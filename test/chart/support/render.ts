import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { loadAll } from 'js-yaml';

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
  const argv = ['template', release, chart, '--namespace', namespace, '--values', '-', ...flags];
  const child = spawn(helm, argv, { stdio: 'pipe' });
  child.stdin.end(JSON.stringify(values));
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    }),
  ]);
  if (code !== 0) throw new Error(err);
  return loadAll(out).filter((object) => object !== null && object !== undefined);
}
