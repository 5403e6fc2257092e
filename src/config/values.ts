import * as z from 'zod';
import { parseClusterId } from '../base/ids.ts';
import { Secret } from '../base/secret.ts';
import { type Millis, millis } from '../base/time.ts';

/**
 * The forms that settings take. Each reads text (flags, environment) and what YAML makes of it (numbers, booleans, lists),
 * and says in its complaint what it wanted.
 */
function form<T>(read: (value: unknown) => T | undefined, complaint: string) {
  return z.unknown().transform((value, context): T => {
    const result = read(value);
    if (result !== undefined) return result;
    context.issues.push({ code: 'custom', message: complaint, input: value });
    return z.NEVER;
  });
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const DURATION = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** `90s`, `5m`, `1h30m`, `250ms`. A bare number has no unit and is refused, also 0. */
export const duration = (min: string, max: string) => {
  const [least, most] = [toMillis(min) ?? 0, toMillis(max) ?? Number.POSITIVE_INFINITY];
  return form((value): Millis | undefined => {
    const length = typeof value === 'string' ? toMillis(value) : undefined;
    return length !== undefined && length >= least && length <= most ? length : undefined;
  }, `must be a duration with its unit (ms, s, m, h) from ${min} to ${max}`);
};

function toMillis(text: string): Millis | undefined {
  const match = DURATION.exec(text);
  if (match === null || text === '') return undefined;
  const [, h, m, s, ms] = match;
  return millis(
    Number(h ?? 0) * UNIT_MS.h + Number(m ?? 0) * UNIT_MS.m + Number(s ?? 0) * UNIT_MS.s + Number(ms ?? 0) * UNIT_MS.ms,
  );
}

export const count = (min: number, max: number) =>
  form((value) => {
    const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
    return typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max
      ? number
      : undefined;
  }, `must be a whole number from ${min} to ${max}`);

export const decimal = (min: number, max: number) =>
  form((value) => {
    const number = typeof value === 'string' && /^\d{1,9}(?:\.\d{1,9})?$/.test(value) ? Number(value) : value;
    return typeof number === 'number' && number >= min && number <= max ? number : undefined;
  }, `must be a number from ${min} to ${max}`);

export const toggle = () =>
  form((value) => {
    if (value === true || value === 'true') return true;
    return value === false || value === 'false' ? false : undefined;
  }, 'must be true or false');

export const oneOf = <const T extends string>(words: readonly T[]) =>
  form((value) => words.find((word) => word === value), `must be one of ${words.join(', ')}`);

/** A file's path. It must look like one, so that a token pasted in by mistake is refused and never printed. */
export const path = () =>
  form(
    (value) => (typeof value === 'string' && value.includes('/') && !/[\r\n\0]/.test(value) ? value : undefined),
    'must be a path with at least one slash',
  );

export const word = () =>
  form((value) => (typeof value === 'string' && /^\S{1,253}$/.test(value) ? value : undefined), 'must be one word');

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

const isText = (value: unknown): value is string => typeof value === 'string';

export const namespace = () =>
  form((value) => (isText(value) && LABEL.test(value) ? value : undefined), 'must be the name of a namespace');

export const objectName = () =>
  form((value) => (isText(value) && SUBDOMAIN.test(value) ? value : undefined), 'must be the name of an object');

/** A YAML list, or text with commas; empty for none. */
export const namespaces = () =>
  form((value): readonly string[] | undefined => {
    const items: readonly unknown[] | undefined = isText(value) ? split(value) : asList(value);
    const names = items?.filter(isText).filter((name) => LABEL.test(name));
    return names !== undefined && names.length === items?.length ? [...new Set(names)] : undefined;
  }, 'must be names of namespaces, separated by commas');

function split(text: string): readonly string[] {
  return text.trim() === '' ? [] : text.split(',').map((item) => item.trim());
}

function asList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

export const clusterId = () =>
  form(
    (value) => (isText(value) ? parseClusterId(value) : undefined),
    'must be twelve lower-case hex digits (in quotes in YAML)',
  );

export interface ListenAddress {
  /** undefined: all interfaces. */
  readonly host: string | undefined;
  readonly port: number;
}

const ADDRESS = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]*)):(\d{1,5})$/;

/** `:8080` (all interfaces), `127.0.0.1:8080`, `[::1]:8080`. */
export const listenAddress = () =>
  form((value): ListenAddress | undefined => {
    const match = isText(value) ? ADDRESS.exec(value) : null;
    if (match === null) return undefined;
    const [, bracketed, plain, digits] = match;
    const host = bracketed ?? plain ?? '';
    const port = Number(digits);
    return port <= 65_535 ? { host: host === '' ? undefined : host, port } : undefined;
  }, 'must be host:port, or :port for all interfaces');

/** Scheme and host, without a slash at the end. Over plain http the token could be read on the way, so only to this machine. */
export const apiUrl = () =>
  form((value) => {
    const url = isText(value) && URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || url.href !== `${url.origin}/`) return undefined;
    return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)) ? url.origin : undefined;
  }, 'must be https:// and a host without a path (http:// only for localhost, 127.0.0.1 or [::1])');

/** Base of a collector's URL, without a slash at the end. Secrets have no place in it: it is logged. */
export const collectorUrl = () =>
  form((value) => {
    const url = isText(value) && URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
    if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined;
    return url.href.replace(/\/+$/, '');
  }, 'must be http:// or https:// and a host, without user, password and query');

/** Scheme, host and port of a proxy; a user and a password may be in it, so the whole is a secret. */
export const proxyUrl = () =>
  form((value): Secret | undefined => {
    const url = isText(value) && URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
    if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return undefined;
    return isDecodable(url.username) && isDecodable(url.password) ? new Secret(url.href) : undefined;
  }, 'must be http:// or https://, a host and a port without a path; special characters of user and password as %40');

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

export const isLoopback = (url: URL): boolean =>
  url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(url.hostname);
