import { describe, expect, test } from 'vitest';
import { parseBaseUrl } from '../../src/flexmetal/base-url.ts';

describe('the address of the API', () => {
  test.each([
    ['https://api.i3d.net', 'https://api.i3d.net'],
    ['https://API.i3d.net/', 'https://api.i3d.net'],
    ['https://api.i3d.net:443', 'https://api.i3d.net'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['http://127.1.2.3', 'http://127.1.2.3'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is %s', (text, url) => {
    expect(parseBaseUrl(text)).toEqual({ kind: 'valid', url });
  });

  test.each([
    ['plain http to elsewhere', 'http://api.i3d.net', 'https://'],
    ['a name that only looks local', 'http://localhost.example.com', 'https://'],
    ['a name that begins like an address', 'http://127.0.0.1.example.com', 'https://'],
    ['another protocol', 'ftp://api.i3d.net', 'https://'],
    ['no address', 'api.i3d.net', 'no URL'],
    ['nothing', '', 'no URL'],
    ['a password', 'https://me:hunter2@api.i3d.net', 'password'],
    ['a path', 'https://api.i3d.net/v3', 'without a path'],
    ['a query', 'https://api.i3d.net/?key=hunter2', 'without a path'],
  ])('%s is refused with an example and without quoting it', (_name, text, why) => {
    const result = parseBaseUrl(text);
    expect(result).toEqual({ kind: 'invalid', message: expect.stringContaining(why) });
    expect(JSON.stringify(result)).toContain('for example https://api.i3d.net');
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });
});
