import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { Plan } from '../support/simulation/plan.ts';
import type { Ran } from './mutant-process.ts';
import { mutantOf } from './mutants.ts';
import { patchedSources } from './patched-sources.ts';

/*
 * A process that holds one mutant, or the operator as it is when no name is given, and runs the plans that its parent sends. The
 * hook must stand before the first module of the operator is loaded, hence the late import.
 */
const name = process.argv[2];
const loaded = name === undefined ? undefined : loadMutant(name);
const { run } = await import('../support/simulation/run.ts');
const { scenarioOf } = await import('../support/simulation/scenarios.ts');
if (loaded !== undefined) seeThatAllWereLoaded(loaded);

process.on('message', (message) => {
  const plan = Plan.parse(message);
  void runPlan(plan).then((ran) => process.send?.(ran));
});

async function runPlan(plan: Plan): Promise<Ran> {
  const { violations, simulation, ending } = await run(plan, scenarioOf(plan.scenario));
  return {
    violations,
    effects: simulation.effects.seen.map(({ kind }) => kind),
    isBeyond: ending !== 'within',
  };
}

/** @returns the patched files, each with whether it was loaded */
function loadMutant(mutant: string): ReadonlyMap<string, { isLoaded: boolean }> {
  const root = new URL('../../', import.meta.url);
  const sources = patchedSources(mutantOf(mutant), (file) => readFileSync(new URL(file, root), 'utf8'));
  const files = new Map([...sources.keys()].map((file) => [file, { isLoaded: false }]));
  registerHooks({
    load: (url, context, next) => {
      const original = next(url, context);
      const file = url.startsWith(root.href) ? url.slice(root.href.length) : '';
      const source = sources.get(file);
      if (source === undefined) return original;
      files.set(file, { isLoaded: true });
      return { ...original, source };
    },
  });
  return files;
}

function seeThatAllWereLoaded(files: ReadonlyMap<string, { isLoaded: boolean }>): void {
  for (const [file, { isLoaded }] of files) {
    if (!isLoaded) throw new Error(`mutant ${name}: the simulation does not load ${file}, so the patch does nothing`);
  }
}
