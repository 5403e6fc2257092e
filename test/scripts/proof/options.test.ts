import { expect, test } from 'vitest';
import { readProofOptions } from '../../../scripts/proof/options.ts';

test.each([
  ['nothing', [], { measures: true }],
  ['--page', ['--page'], { measures: false }],
])('%s is taken', (_what, argv, options) => {
  expect(readProofOptions(argv)).toEqual({ kind: 'run', options });
});

test('help is given, and what is unknown refused with the way to it', () => {
  expect(readProofOptions(['--help'])).toMatchObject({ kind: 'help' });
  expect(readProofOptions(['--fast'])).toMatchObject({ kind: 'wrong', message: expect.stringContaining('--help') });
});
