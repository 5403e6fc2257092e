import { Secret } from '../base/secret.ts';
import { SCRUBBED } from './scrubber.ts';

const DEPTH_MAX = 6;
const CAUSES_MAX = 3;
const ITEMS_MAX = 100;
const TEXT_LENGTH_MAX = 4_000;

/** Names under which HTTP libraries and manifests carry secrets; compared without case and dashes. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'authorization',
  'proxyauthorization',
  'privatetoken',
  'cookie',
  'setcookie',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'apikey',
  'password',
  'rootpassword',
  'clientkeydata',
  'postinstallscript',
]);

/**
 * Makes log fields safe and finite: an Error is cut down to type, code, message, stack and causes, wherever it stands
 * (an error's own properties may hold whole requests with their headers); a Secret and anything under a secret's name becomes
 * `[secret]`; deep, long and circular things are cut.
 */
export function printable(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return printableEntries(fields, 0);
}

function printableValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return clip(value);
    case 'bigint':
    case 'symbol':
      return String(value);
    case 'function':
      return '[function]';
    case 'object':
      return value === null ? null : printableObject(value, depth);
    case 'boolean':
    case 'number':
    case 'undefined':
    default:
      return value;
  }
}

function printableObject(value: object, depth: number): unknown {
  if (value instanceof Secret) return SCRUBBED;
  if (value instanceof Error) return printableError(value, 0);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return clip(withoutCredentials(value));
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  // Also what ends a circle.
  if (depth >= DEPTH_MAX) return '[deeper]';
  if (value instanceof Set) return printableItems([...value], depth);
  if (value instanceof Map) return printableItems([...value.entries()], depth);
  if (Array.isArray(value)) return printableItems(value, depth);
  return printableEntries(value, depth);
}

function printableItems(items: readonly unknown[], depth: number): unknown[] {
  const shown = items.slice(0, ITEMS_MAX).map((item) => printableValue(item, depth + 1));
  return items.length > ITEMS_MAX ? [...shown, `[${items.length - ITEMS_MAX} more]`] : shown;
}

function printableEntries(value: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, ITEMS_MAX)
      .map(([name, field]) => [
        name,
        isSecretName(name) && field !== undefined ? SCRUBBED : printableValue(field, depth + 1),
      ]),
  );
}

function printableError(error: Error, causes: number): Record<string, unknown> {
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: clip(error.message),
    ...(error.stack === undefined ? {} : { stack: clip(error.stack) }),
    ...printableCause(error.cause, causes),
  };
}

function printableCause(cause: unknown, causes: number): Record<string, unknown> {
  if (cause === undefined || causes >= CAUSES_MAX) return {};
  if (cause instanceof Error) return { cause: printableError(cause, causes + 1) };
  return { cause: typeof cause === 'string' ? clip(cause) : '[not an Error]' };
}

function withoutCredentials(url: URL): string {
  return url.origin === 'null' ? url.protocol : `${url.origin}${url.pathname}`;
}

const isSecretName = (name: string): boolean => SECRET_NAMES.has(name.toLowerCase().replaceAll(/[-_]/g, ''));

const clip = (text: string): string => (text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text);
