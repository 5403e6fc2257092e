import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as z from 'zod';
import { findTool, howToGet } from '../../../scripts/tools/find.ts';
import { skipsWithout } from '../../support/requirement.ts';
import { judgeWithMonokle } from './monokle.ts';

/** Something that a linter has to say against an object. */
export interface Finding {
  /** The linter's own name of the check. */
  readonly check: string;
  /** `Deployment flexmetal-operator` */
  readonly object: string;
}

export interface Judgement {
  /** How many checks were made. */
  readonly checks: number;
  readonly findings: readonly Finding[];
}

export interface Linter {
  readonly name: 'kube-score' | 'checkov' | 'monokle';
  readonly isMissing: boolean;
  /** @param file manifests */
  readonly judge: (file: string) => Promise<Judgement>;
}

/**
 * Checks of kube-score that have to be asked for; all but those that want the CPU's request to equal its limit: a whole CPU
 * would be set aside for a program that rests nearly always.
 */
const OPTIONAL_TESTS = [
  'container-memory-requests-equal-limits',
  'container-ephemeral-storage-request-equals-limit',
  'container-ports-check',
  'container-seccomp-profile',
].flatMap((test) => ['--enable-optional-test', test]);

export const LINTERS: readonly Linter[] = [
  linterOf('kube-score', ['score', ...OPTIONAL_TESTS, '--output-format', 'json'], readKubeScore),
  linterOf(
    'checkov',
    ['--framework', 'kubernetes', '--output', 'json', '--compact', '--quiet', '--skip-download', '--file'],
    readCheckov,
  ),
  { name: 'monokle', isMissing: false, judge: judgeWithMonokle },
];

function linterOf(
  name: 'kube-score' | 'checkov',
  argv: readonly string[],
  read: (printed: unknown) => Judgement,
): Linter {
  const program = findTool(name) ?? '';
  return {
    name,
    isMissing: skipsWithout(name, program !== '', howToGet(name)),
    judge: async (file) => read(JSON.parse(await outputOf(program, [...argv, file]))),
  };
}

/** A linter that found something ends with a code of its own. */
async function outputOf(program: string, argv: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, argv, { maxBuffer: 64 * 1_024 * 1_024 })).stdout;
  } catch (error) {
    const printed = Ended.safeParse(error);
    if (printed.success && printed.data.stdout !== '') return printed.data.stdout;
    throw error;
  }
}

const Ended = z.object({ stdout: z.string() });

/** 10 is fine, 7 almost; 5 is a warning and 1 is critical. */
const GRADE_FINE = 7;

const KubeScore = z.array(
  z.object({
    // Kind/group/version/namespace/name
    object_name: z.string(),
    checks: z.array(z.object({ check: z.object({ id: z.string() }), grade: z.number(), skipped: z.boolean() })),
  }),
);

function readKubeScore(printed: unknown): Judgement {
  const made = KubeScore.parse(printed).flatMap(({ object_name: object, checks }) =>
    checks.filter(({ skipped }) => !skipped).map(({ check, grade }) => ({ check: check.id, grade, object })),
  );
  return {
    checks: made.length,
    findings: made
      .filter(({ grade }) => grade < GRADE_FINE)
      .map(({ check, object }) => ({ check, object: `${object.split('/')[0]} ${object.split('/').at(-1)}` })),
  };
}

const Checkov = z.object({
  summary: z.object({ passed: z.int(), failed: z.int(), parsing_errors: z.literal(0) }),
  results: z.object({
    // Kind.namespace.name, and for the pod of a Deployment its labels behind that.
    failed_checks: z.array(z.object({ check_id: z.string(), resource: z.string() })),
  }),
});

function readCheckov(printed: unknown): Judgement {
  const { summary, results } = Checkov.parse(printed);
  return {
    checks: summary.passed + summary.failed,
    findings: results.failed_checks.map(({ check_id: check, resource }) => {
      const [kind, , name] = resource.split('.');
      return { check, object: `${kind} ${name}` };
    }),
  };
}
