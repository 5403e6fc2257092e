import { toJsonObject, type JsonObject } from './json.ts';
import type { Kind } from './kind.ts';

/** One HTTP reply as plain data. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/** One field that was found wrong, as in Status.details.causes. */
export interface Cause {
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueTypeInvalid'
    | 'FieldValueForbidden'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany';
  readonly field: string;
  readonly message: string;
}

export const ok = (body: JsonObject, status = 200): Reply => ({ status, headers: JSON_HEADERS, body });

const JSON_HEADERS = { 'content-type': 'application/json' } as const;

/** A Status in the words of the real API server. */
function failure(code: number, reason: string | undefined, message: string, details?: object): Reply {
  return ok(
    toJsonObject({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code }),
    code,
  );
}

const named = (kind: Kind, name: string): object => ({
  name,
  group: kind.group === '' ? undefined : kind.group,
  kind: kind.plural,
});

/** `leases.coordination.k8s.io`, or `secrets` for the core group. */
export const groupResource = (kind: Kind): string => (kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`);

const groupKind = (kind: Kind): string => (kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`);

export const notFound = (kind: Kind, name: string): Reply =>
  failure(404, 'NotFound', `${groupResource(kind)} "${name}" not found`, named(kind, name));

export const noNamespace = (namespace: string): Reply =>
  failure(404, 'NotFound', `namespaces "${namespace}" not found`, { name: namespace, kind: 'namespaces' });

/** What the server answers for a path that it does not serve at all. */
export const noSuchPath = (): Reply => failure(404, 'NotFound', 'the server could not find the requested resource', {});

export const alreadyExists = (kind: Kind, name: string): Reply =>
  failure(409, 'AlreadyExists', `${groupResource(kind)} "${name}" already exists`, named(kind, name));

export const conflict = (kind: Kind, name: string, why = STALE): Reply =>
  failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${groupResource(kind)} "${name}": ${why}`,
    named(kind, name),
  );

const STALE = 'the object has been modified; please apply your changes to the latest version and try again';

export function invalid(kind: Kind, name: string, causes: readonly Cause[]): Reply {
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const list = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
  return failure(422, 'Invalid', `${groupKind(kind)} "${name}" is invalid: ${list}`, {
    ...named(kind, name),
    kind: kind.kind,
    causes,
  });
}

/** A JSON patch that does not fit the object. */
export const unprocessable = (): Reply =>
  failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

export const badRequest = (message: string): Reply => failure(400, 'BadRequest', message);

export const methodNotAllowed = (): Reply =>
  failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const unsupportedMediaType = (): Reply =>
  failure(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format');

export const expired = (message: string, metadata: object = {}): Reply => {
  const reply = failure(410, 'Expired', message);
  return { ...reply, body: toJsonObject({ ...reply.body, metadata }) };
};

export const internalError = (message: string): Reply => failure(500, undefined, message);

/** A reply that a fault makes up, in the form of the real ones. */
export const errorReply = (code: number, reason: string, retryAfterSeconds?: number): Reply => {
  const reply = failure(
    code,
    reason,
    `${reason}: made up by a fault`,
    retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
  );
  if (retryAfterSeconds === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, 'retry-after': String(retryAfterSeconds) } };
};

export const deleted = (kind: Kind, name: string, uid: string): Reply =>
  ok(
    toJsonObject({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { ...named(kind, name), uid },
    }),
  );
