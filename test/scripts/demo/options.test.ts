import { expect, test } from 'vitest';
import { readDemoOptions } from '../../../scripts/demo/options.ts';

test.each<[string, unknown]>([
  ['', { exit: false, cluster: undefined, yes: false }],
  ['--exit', { exit: true, cluster: undefined, yes: false }],
  ['--kubeconfig k', { exit: false, cluster: { kubeconfig: 'k', context: undefined }, yes: false }],
  ['--kubeconfig k --context c --yes --exit', { exit: true, cluster: { kubeconfig: 'k', context: 'c' }, yes: true }],
])('"%s" is understood', (text, options) => {
  expect(readDemoOptions(text.split(' ').filter(Boolean))).toEqual({ kind: 'run', options });
});

test.each([
  ['--context c', '--context goes with --kubeconfig'],
  ['--yes', '--yes goes with --kubeconfig'],
  ['--kubeconfig=', '--kubeconfig needs the path of a file'],
  ['--kubeconfig', /argument missing/],
  ['--quick', /Unknown option '--quick'/],
  ['now', /Unexpected argument 'now'/],
])('"%s" is refused with a way out', (text, message) => {
  const read = readDemoOptions(text.split(' '));
  expect(read).toEqual({ kind: 'wrong', message: expect.stringMatching(message) });
  expect(read).toMatchObject({ message: expect.stringContaining('npm run demo -- --help') });
});

test('the help names every option', () => {
  const read = readDemoOptions(['--help']);
  for (const option of ['--exit', '--kubeconfig', '--context', '--yes', '--help'])
    expect(read).toMatchObject({ kind: 'help', text: expect.stringContaining(option) });
});
