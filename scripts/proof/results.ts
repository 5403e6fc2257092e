import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { Summary } from '../mutation/summary.ts';
import { SweepResult } from '../sweep/result.ts';
import { LagResult, ModelsResult } from './own-results.ts';

/** The parts of others' results that the page shows; what else they hold is theirs. */
const Count = z.int().nonnegative();

const MutantsResult = z.object({
  date: z.string(),
  commit: z.string(),
  seconds: z.number(),
  plans: Count,
  mutants: z.array(
    z.object({
      name: z.string(),
      breaks: z.string(),
      plans: Count,
      catches: Count,
      expected: z.array(z.string()),
      caughtBy: z.array(z.object({ invariant: z.string(), plans: Count })),
    }),
  ),
  control: z.object({ plans: Count, violations: z.array(z.unknown()) }),
});

const KillCounts = {
  runs: Count,
  kills: Count,
  doubles: Count,
  leaks: Count,
  notReady: Count,
  differences: Count,
  notReached: Count,
};

const KillsResult = z.object({
  date: z.string(),
  commit: z.string(),
  dirty: z.boolean(),
  entry: z.string(),
  node: z.string(),
  lanes: Count,
  cores: Count,
  seconds: z.number(),
  totals: z.object(KillCounts),
  matrix: z.array(z.object({ effect: z.string(), fault: z.string(), ...KillCounts })),
  effectsOnlyReal: z.array(z.string()),
  effectsOnlySimulated: z.array(z.string()),
  failures: z.array(z.string()),
});

const SoakResult = z.object({
  date: z.string(),
  commit: z.string(),
  machine: z.object({ cores: Count, cpu: z.string(), memoryGiB: z.number() }),
  loadAverage: z.number(),
  options: z.object({ minutes: z.number(), objects: Count }),
  tookSeconds: z.number(),
  promises: z.array(z.object({ promise: z.string(), checked: Count, broken: z.array(z.string()) })),
  trends: z.array(
    z.object({
      what: z.string(),
      unit: z.string(),
      mean: z.number(),
      slopePerHour: z.number(),
      low: z.number(),
      high: z.number(),
      boundPerHour: z.number(),
      verdict: z.enum(['flat', 'growing', 'tooShort']),
      minutes: z.number(),
    }),
  ),
  did: z.object({
    users: z.record(z.string(), Count),
    vendorFaults: z.record(z.string(), Count),
    breakages: z.record(z.string(), Count),
  }),
  calm: z.object({ restAfterSeconds: z.number(), goneAfterSeconds: z.number() }),
  traffic: z.object({ objectsEver: Count, orders: Count, servers: Count }),
});

/** Where each result lies, from the root of the project, and the command that writes it. */
const FILES = {
  sweep: { file: 'docs/proof.json', schema: SweepResult, command: 'npm run sweep -- --full --out docs/proof.json' },
  mutants: {
    file: 'docs/mutants.json',
    schema: MutantsResult,
    command: 'npm run sweep:mutants -- --out docs/mutants.json',
  },
  mutation: { file: 'docs/mutation.json', schema: Summary, command: 'npm run mutation' },
  kills: {
    file: 'docs/kills.json',
    schema: KillsResult,
    command: 'npm run build && npm run kills -- --faults all --entry dist/flexmetal-operator.mjs --out docs/kills.json',
  },
  soak: { file: 'docs/soak.json', schema: SoakResult, command: 'npm run soak -- --minutes 30 --out docs/soak.json' },
  models: { file: 'docs/proof/models.json', schema: ModelsResult, command: 'npm run proof' },
  lag: { file: 'docs/proof/lag.json', schema: LagResult, command: 'npm run proof' },
} as const;

export type Results = { readonly [part in keyof typeof FILES]: z.infer<(typeof FILES)[part]['schema']> };

/** A result is not there, or is not what the page needs. The message says which command writes it. */
export class ResultMissing extends Error {
  override readonly name = 'ResultMissing';
}

/**
 * Reads every part's result.
 * @throws ResultMissing for the first that is not there or not in shape: a page with blanks would pass for one that was measured
 */
export function readResults(root: string): Results {
  return {
    sweep: read(root, FILES.sweep),
    mutants: read(root, FILES.mutants),
    mutation: read(root, FILES.mutation),
    kills: read(root, FILES.kills),
    soak: read(root, FILES.soak),
    models: read(root, FILES.models),
    lag: read(root, FILES.lag),
  };
}

/** @throws ResultMissing */
export const readModels = (root: string): Results['models'] => read(root, FILES.models);

/** @throws ResultMissing */
export const readLag = (root: string): Results['lag'] => read(root, FILES.lag);

function read<T>(
  root: string,
  { file, schema, command }: { readonly file: string; readonly schema: z.ZodType<T>; readonly command: string },
): T {
  const parsed = schema.safeParse(valueOf(textOf(root, file, command)));
  if (parsed.success) return parsed.data;
  throw new ResultMissing(`${file} is not in shape; ${command} writes it anew. ${z.prettifyError(parsed.error)}`);
}

function textOf(root: string, file: string, command: string): string {
  try {
    return readFileSync(path.join(root, file), 'utf8');
  } catch (error) {
    throw new ResultMissing(`${file} cannot be read; ${command} writes it.`, { cause: error });
  }
}

/** undefined when it is no JSON, which no schema takes. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
