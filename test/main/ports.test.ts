import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { proxySecretsOf } from '../../src/main/ports.ts';
import { createScrubber } from '../../src/observability/scrubber.ts';

/** A line as it leaves the process when the operator was started with this proxy. */
function scrubbed(proxyUrl: string, line: string): string {
  const loaded = loadConfig({ argv: [`--proxy-url=${proxyUrl}`], env: {}, readFile: () => '' });
  if (loaded.kind !== 'ok') throw new Error(loaded.kind);
  const scrubber = createScrubber();
  for (const secret of proxySecretsOf(loaded.config)) scrubber.registerSecret(secret);
  return scrubber.scrub(line);
}

describe('of the URL of a proxy, no line shows', () => {
  const url = 'http://someone:hunter2%40home@proxy:3128';
  test.each([
    ['the password', 'password hunter2@home'],
    ['the password as it stands in the URL', `connecting to ${url}`],
    ['the header', `basic ${Buffer.from('someone:hunter2@home').toString('base64')}`],
  ])('%s', (_name, line) => {
    const shown = scrubbed(url, line);
    expect(shown).toContain('[secret]');
    expect(shown).not.toMatch(/hunter2|c29tZW9uZTpodW50/);
  });

  test('a user that has no password, as it is a key then', () => {
    expect(scrubbed('http://key-0123456789@proxy:3128', 'key-0123456789')).toBe('[secret]');
  });
});

test('the user of a proxy is shown as any other word', () => {
  expect(scrubbed('http://someone:hunter2hunter2@proxy', 'someone')).toBe('someone');
});

test('a proxy without a user leaves lines as they are', () => {
  expect(scrubbed('http://proxy:3128', 'to http://proxy:3128')).toBe('to http://proxy:3128');
});
