import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { FileTokenSource, fingerprint } from '../../src/flexmetal/token-source.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function sourceOf(first: () => Promise<string>) {
  const clock = new VirtualClock();
  let read = first;
  const tokens = new FileTokenSource({ path: '/etc/token', clock, readFile: () => read() });
  const current = async (): Promise<string> => {
    const result = await tokens.current();
    return result.kind === 'token' ? result.token.reveal() : `unreadable: ${result.message}`;
  };
  const hold = (text: string): void => {
    read = () => Promise.resolve(text);
  };
  return { clock, tokens, current, hold };
}

const holding = (text: string) => () => Promise.resolve(text);
const noFile = (): Promise<string> =>
  Promise.reject(Object.assign(new Error('ENOENT: no such file, secret-in-message'), { code: 'ENOENT' }));

describe('the token', () => {
  test('is the text of the file without the blanks around it', async () => {
    expect(await sourceOf(holding('  abc-123\r\n')).current()).toBe('abc-123');
  });

  test('that was replaced in the file is in use a few seconds later', async () => {
    const { clock, current, hold } = sourceOf(holding('old'));
    expect(await current()).toBe('old');
    hold('new');
    await clock.advance(5_000);
    expect(await current()).toBe('new');
  });

  test('that was refused is read anew at once', async () => {
    const { tokens, current, hold } = sourceOf(holding('old'));
    expect(await current()).toBe('old');
    hold('new');
    tokens.refresh();
    expect(await current()).toBe('new');
  });

  test('is there again after a time without a readable file', async () => {
    const { clock, current, hold } = sourceOf(noFile);
    expect(await current()).toContain('ENOENT');
    hold('back');
    await clock.advance(5_000);
    expect(await current()).toBe('back');
  });

  test.each([
    ['no file', noFile],
    ['an empty file', holding('  \n')],
    ['a file with two lines', holding('secret-one\nsecret-two')],
    ['a file with blanks in it', holding('secret one')],
    ['a file with letters that no header takes', holding('sécret')],
    ['a file that is far too long', holding('secret'.repeat(1_000))],
  ])('%s: the message names the file and the way out, and quotes nothing', async (_name, read) => {
    const message = await sourceOf(read).current();
    expect(message).toMatch(/^unreadable: .*\/etc\/token.*put a FlexMetal API token into that file/);
    expect(message).not.toMatch(/s[eé]cret[- ]|secretsecret/);
  });

  test('in a file that does not answer is given up', async () => {
    const { clock, current } = sourceOf(() => new Promise(() => undefined));
    const result = current();
    await clock.advance(5_000);
    expect(await result).toContain('takes too long');
    expect(clock.pendingTimers).toBe(0);
  });

  test('is told apart by its fingerprint, which depends on the salt and shows nothing of it', () => {
    const [one, other] = [new Secret('token-one'), new Secret('token-two')];
    expect(fingerprint('salt', one)).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprint('salt', one)).toBe(fingerprint('salt', new Secret('token-one')));
    expect(fingerprint('salt', one)).not.toBe(fingerprint('salt', other));
    expect(fingerprint('salt', one)).not.toBe(fingerprint('pepper', one));
  });
});
