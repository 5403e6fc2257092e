import { describe, expect, test } from 'vitest';
import type { MutantResult, MutantsReport } from '../../../scripts/mutants/report.ts';
import { isPassed, textOf } from '../../../scripts/mutants/report.ts';

const plan = { scenario: 'deliver', seed: 1, faults: [] };

const CAUGHT: MutantResult = {
  name: 'some-mutant',
  breaks: 'does something wrong',
  expected: ['S1'],
  plans: 4,
  catches: 3,
  caughtBy: [
    { invariant: 'L1', plans: 3 },
    { invariant: 'S1', plans: 2 },
  ],
  firstCatch: { plan, violation: 'S1 two servers', replay: 'npm run sweep:mutants -- --mutant some-mutant' },
};

const report = (changes: Partial<MutantsReport>): MutantsReport => ({
  date: '2026-01-01T00:00:00.000Z',
  commit: '0'.repeat(40),
  seconds: 12.3,
  plans: 4,
  mutants: [CAUGHT],
  control: { plans: 4, violations: [] },
  ...changes,
});

describe('a sweep of the mutants', () => {
  test.each<[what: string, changes: Partial<MutantsReport>, passed: boolean]>([
    ['that caught all', {}, true],
    [
      'with a mutant that broke nothing',
      { mutants: [{ ...CAUGHT, catches: 0, caughtBy: [], firstCatch: undefined }] },
      false,
    ],
    [
      'with a mutant that broke only what nobody expected',
      { mutants: [{ ...CAUGHT, caughtBy: [{ invariant: 'L1', plans: 3 }] }] },
      false,
    ],
    [
      'in which the operator as it is failed',
      { control: { plans: 4, violations: [{ plan, violations: ['L1 x'] }] } },
      false,
    ],
  ])('%s', (_what, changes, passed) => {
    expect(isPassed(report(changes))).toBe(passed);
  });

  test('says of each mutant what caught it, in how many plans, and how to see it again', () => {
    expect(textOf(report({}))).toBe(
      [
        'some-mutant  caught         3 of 4  L1×3 S1×2',
        '',
        'some-mutant',
        '  S1 two servers',
        '  npm run sweep:mutants -- --mutant some-mutant',
        '',
        '1 of 1 mutants caught in 4 plans; the operator as it is broke 0 of 4 of the same plans; 12 s',
      ].join('\n'),
    );
  });

  test('points at a mutant that survived and at what the operator as it is broke', () => {
    const text = textOf(
      report({
        mutants: [{ ...CAUGHT, catches: 0, caughtBy: [], firstCatch: undefined }],
        control: { plans: 4, violations: [{ plan, violations: ['L1 waited in vain'] }] },
      }),
    );
    expect(text).toContain('some-mutant  SURVIVED');
    expect(text).toContain('the operator as it is fails on {"scenario":"deliver"');
    expect(text).toContain('L1 waited in vain');
  });
});
