import { describe, expect, test } from 'vitest';
import { readMutantsOptions } from '../../../scripts/mutants/options.ts';
import { MUTANTS, mutantOf } from '../../mutants/mutants.ts';

describe('the options of the mutants', () => {
  test('take all mutants when none is named', () => {
    expect(readMutantsOptions([])).toMatchObject({ kind: 'run', options: { mutants: MUTANTS, plan: undefined } });
  });

  test('take some mutants and one plan', () => {
    const plan = { scenario: 'deliver', seed: 1, faults: [{ at: 3, do: 'killAfter' }] };
    expect(
      readMutantsOptions(['--mutant', 'no-finalizer, time-out-is-failure', '--plan', JSON.stringify(plan)]),
    ).toMatchObject({
      kind: 'run',
      options: { mutants: [mutantOf('no-finalizer'), mutantOf('time-out-is-failure')], plan },
    });
  });

  test.each([
    ['a mutant that does not exist', ['--mutant', 'harmless'], 'there is no mutant "harmless"'],
    ['a plan that is none', ['--plan', '{"scenario":1}'], '--plan takes a plan as JSON'],
    ['no seconds', ['--seconds', '0'], '--seconds takes whole numbers from 1'],
    ['an option that does not exist', ['--fast'], '--help lists the options'],
  ])('refuse %s', (_what, argv, complaint) => {
    const read = readMutantsOptions(argv);
    expect(read.kind === 'wrong' ? read.message : read.kind).toContain(complaint);
  });
});
