import { globSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import type { InstrumenterContext } from '@stryker-mutator/api/core';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import type {
  DryRunResult,
  MutantRunOptions,
  MutantRunResult,
  TestResult,
  TestRunner,
} from '@stryker-mutator/api/test-runner';
import { collect } from './collected.ts';
import type { CollectedTest } from './collected.ts';
import { forgetModules, watchImports } from './fresh-modules.ts';

/**
 * Runs the tests of test/core in this very process and keeps them loaded, so that a mutant costs the few tests that reach it and
 * nothing else. Stryker starts the process in its copy of the repository.
 */
class CoreTests implements TestRunner {
  readonly #stryker = strykerContext();
  #tests: readonly CollectedTest[] | undefined;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    watchImports(process.cwd());
  }

  async dryRun(): Promise<DryRunResult> {
    this.#stryker.activeMutant = undefined;
    const tests: TestResult[] = [];
    for (const test of await this.#loaded()) {
      this.#stryker.currentTestId = test.id;
      tests.push(await resultOf(test));
    }
    this.#stryker.currentTestId = undefined;
    const { mutantCoverage } = this.#stryker;
    return { status: DryRunStatus.Complete, tests, ...(mutantCoverage === undefined ? {} : { mutantCoverage }) };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    this.#stryker.hitCount = 0;
    this.#stryker.hitLimit = options.hitLimit;
    // What runs while modules load is changed only when the mutant is on by then, and must not stay for the next one.
    this.#stryker.activeMutant = options.mutantActivation === 'static' ? options.activeMutant.id : undefined;
    if (options.reloadEnvironment) this.#forget();
    try {
      const tests = await this.#loaded();
      this.#stryker.activeMutant = options.activeMutant.id;
      return this.#verdict(await firstFailure(tests, options.testFilter));
    } catch (error) {
      // Only loading throws here: with this mutant the modules do not even come up.
      this.#forget();
      return this.#verdict([failed('modules', 'loading the modules', error)]);
    }
  }

  #forget(): void {
    forgetModules();
    this.#tests = undefined;
  }

  #verdict(tests: TestResult[]): MutantRunResult {
    const endless = determineHitLimitReached(this.#stryker.hitCount, this.#stryker.hitLimit);
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests });
  }

  async #loaded(): Promise<readonly CollectedTest[]> {
    this.#tests ??= await loadTests();
    return this.#tests;
  }
}

/** Properties are left out: what only chance finds would be noticed in one run and missed in the next. */
async function loadTests(): Promise<readonly CollectedTest[]> {
  const files = globSync('test/core/**/*.test.ts').filter((file) => !file.endsWith('.property.test.ts'));
  const tests: CollectedTest[] = [];
  for (const file of files.toSorted()) {
    tests.push(...(await collect(file, () => import(pathToFileURL(path.resolve(file)).href))));
  }
  return tests;
}

async function firstFailure(
  tests: readonly CollectedTest[],
  filter: readonly string[] | undefined,
): Promise<TestResult[]> {
  const wanted = filter === undefined ? undefined : new Set(filter);
  const results: TestResult[] = [];
  for (const test of tests) {
    if (wanted?.has(test.id) === false) continue;
    const result = await resultOf(test);
    results.push(result);
    if (result.status === TestStatus.Failed) break;
  }
  return results;
}

async function resultOf(test: CollectedTest): Promise<TestResult> {
  const startedAt = performance.now();
  try {
    await test.run();
  } catch (error) {
    return failed(test.id, test.name, error);
  }
  return { id: test.id, name: test.name, timeSpentMs: performance.now() - startedAt, status: TestStatus.Success };
}

const failed = (id: string, name: string, error: unknown): TestResult => ({
  id,
  name,
  timeSpentMs: 0,
  status: TestStatus.Failed,
  failureMessage: error instanceof Error ? error.message : String(error),
});

/** With `undefined` where nothing is set: the object is made once, and modules hold on to it. */
type Context = { -readonly [Key in keyof InstrumenterContext]: InstrumenterContext[Key] | undefined };

/** The object through which the changed code learns which mutant is on, and tells what it ran. */
function strykerContext(): Context {
  const context: Context = {};
  Object.assign(globalThis, { [INSTRUMENTER_CONSTANTS.NAMESPACE]: context });
  return context;
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'core', () => new CoreTests())];
