import { toJsonObject, type JsonObject } from './json.ts';
import type { Kind } from './kind.ts';

/** One HTTP reply as plain data. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** undefined: it is no JSON. */
  readonly body: JsonObject | undefined;
}

/** A reply that carries JSON. */
export type JsonReply = Reply & { readonly body: JsonObject };

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

export const ok = (body: JsonObject, status = 200): JsonReply => ({ status, headers: JSON_HEADERS, body });

const JSON_HEADERS = { 'content-type': 'application/json' } as const;

/** A Status in the words of the real API server. */
function failure(code: number, reason: string | undefined, message: string, details?: object): JsonReply {
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
const groupResource = (kind: Kind): string => (kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`);

export const notFound = (kind: Kind, name: string): Reply =>
  failure(404, 'NotFound', `${groupResource(kind)} "${name}" not found`, named(kind, name));

export const noNamespace = (namespace: string): Reply =>
  failure(404, 'NotFound', `namespaces "${namespace}" not found`, { name: namespace, kind: 'namespaces' });

/** What the server answers for a path that it does not serve at all: plain text, no Status. */
export const noSuchPath = (): Reply => ({ status: 404, headers: { 'content-type': 'text/plain' }, body: undefined });

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

export function invalid(kind: Kind, name: string, causes: readonly Cause[], type = kind.kind): Reply {
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const list = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
  const group = kind.groupInErrors ?? kind.group;
  const details = { name: name === '' ? undefined : name, group: group === '' ? undefined : group, kind: type, causes };
  return failure(422, 'Invalid', `${type}${group === '' ? '' : `.${group}`} "${name}" is invalid: ${list}`, details);
}

/** An update that should name the version it is for; the details name the resource here, not the kind. */
export const unguarded = (kind: Kind, name: string): Reply =>
  invalid(
    kind,
    name,
    [
      {
        reason: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: 'Invalid value: 0: must be specified for an update',
      },
    ],
    kind.plural,
  );

/** A patch that makes of the object what is no such object any more. */
export const unreadablePatch = (message: string): Reply =>
  failure(422, 'Invalid', ` "" is invalid: patch: Invalid value: ${message}`, {
    causes: [{ reason: 'FieldValueInvalid', field: 'patch', message: `Invalid value: ${message}` }],
  });

/** A deletion that means another object, or another version of it. */
export const wrongPrecondition = (kind: Kind, name: string, field: string): Reply =>
  failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${kind.kind}${kind.group === '' ? '' : `.${kind.group}`} "${name}": the ${field} in the precondition does not match the ${field} in record. The object might have been deleted and then recreated`,
    { ...named(kind, name), kind: kind.kind },
  );

export const tooLargeVersion = (asked: number, current: number): Reply => {
  const message = `Too large resource version: ${asked}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  const reply = failure(504, 'Timeout', message, { causes, retryAfterSeconds: 1 });
  return { ...reply, headers: { ...reply.headers, 'retry-after': '1' } };
};

/** A JSON patch that does not fit the object. */
export const unprocessable = (): Reply =>
  failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

export const badRequest = (message: string): Reply => failure(400, 'BadRequest', message);

export const unsupportedMediaType = (): Reply =>
  failure(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format');

export const expired = (message: string, metadata: object = {}): JsonReply => {
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
