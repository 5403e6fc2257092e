import { expect, test } from 'vitest';
import { seconds } from '../../src/base/time.ts';
import { readArguments } from '../../src/cli/arguments.ts';

const ready = (url: string, timeout = seconds(60)) => ({ kind: 'ready', url: new URL(url), timeout });

test.each([
  ['an address', ['--ready', 'http://operator:8081/readyz'], [ready('http://operator:8081/readyz')], []],
  ['an address without a path', ['--ready=http://operator:8081'], [ready('http://operator:8081/readyz')], []],
  [
    'two addresses and a time for each',
    ['--ready=http://a/x', '--timeout', '5s', '--ready=https://b/y'],
    [ready('http://a/x', seconds(5)), ready('https://b/y', seconds(5))],
    [],
  ],
  ['what is left', ['--no-servers'], [{ kind: 'noServers' }], []],
  ['the token', ['--api'], [{ kind: 'api' }], []],
  [
    'flags of the operator go on, in their order',
    ['--namespaces', 'a,b', '--no-servers', '--api', '--kubeconfig=/x'],
    [{ kind: 'noServers' }, { kind: 'api' }],
    ['--namespaces', 'a,b', '--kubeconfig=/x'],
  ],
])('%s', (_name, argv, checks, settings) => {
  expect(readArguments(argv)).toEqual({ kind: 'checks', checks, settings });
});

test.each([['--help'], ['-h']])('%s asks for help, whatever else is given', (flag) => {
  expect(readArguments(['--ready', 'no address', flag])).toEqual({ kind: 'help' });
});

const ADDRESS = '--ready needs an http or https address; example: --ready=http://127.0.0.1:8081/readyz';
const TIME = '--timeout needs a duration with its unit; example: --timeout=60s';
const NOTHING = 'nothing to check; name one of --ready <url>, --no-servers and --api';

test.each([
  ['nothing', [], [NOTHING]],
  ['only settings', ['--namespaces=a'], [NOTHING]],
  ['an address that is none', ['--ready', 'operator:8081'], [ADDRESS]],
  ['an address of another kind', ['--ready=file:///etc/passwd'], [ADDRESS]],
  ['a missing address', ['--ready'], [ADDRESS]],
  ['a time without a unit', ['--api', '--timeout=60'], [TIME]],
  ['no time', ['--api', '--timeout=0s'], [TIME]],
  ['a missing time', ['--api', '--timeout'], [TIME]],
  ['all at once', ['--timeout=x', '--ready=x'], [TIME, ADDRESS]],
])('%s is wrong', (_name, argv, complaints) => {
  expect(readArguments(argv)).toEqual({
    kind: 'wrong',
    message: [...complaints, 'See flexmetal-operator check --help.'].join('\n'),
  });
});
