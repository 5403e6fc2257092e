export type BaseUrl =
  | { readonly kind: 'valid'; readonly url: string }
  /** For people, without the text itself: it may hold a password. */
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * Reads where the API is; the url comes back in one spelling, without a slash at its end.
 * https only, and http only for this machine: the token travels with every call.
 */
export function parseBaseUrl(text: string): BaseUrl {
  if (!URL.canParse(text)) return invalid('is no URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return invalid('must begin with https:// (http:// only for localhost, 127.0.0.1 or [::1])');
  }
  if (url.username !== '' || url.password !== '') return invalid('must hold no user name and no password');
  if (url.search !== '' || url.hash !== '' || url.pathname !== '/') return invalid('must be a host without a path');
  return { kind: 'valid', url: url.origin };
}

const invalid = (why: string): BaseUrl => ({
  kind: 'invalid',
  message: `the address of the FlexMetal API ${why}, for example https://api.i3d.net`,
});

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
