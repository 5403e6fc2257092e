import { fieldsOf, freeze, isList, isObject, sameJson, textOf, withField, type Json, type JsonObject } from './json.ts';
import { apiVersionOf, type Kind } from './kind.ts';
import { metadataCauses, metadataChangeCauses, readMetadata } from './metadata.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  internalError,
  invalid,
  unguarded,
  unreadablePatch,
  type Reply,
} from './replies.ts';
import { applyDefaults, prune, validate } from './structural-schema.ts';

/** What a write comes to. Objects in here carry no resourceVersion: the store gives it. */
export type Verdict =
  | { readonly kind: 'refused'; readonly reply: Reply }
  | { readonly kind: 'write'; readonly object: JsonObject }
  /** The last finalizer went: the object goes without being written once more. `object` is what the writer gets to see. */
  | { readonly kind: 'remove'; readonly object: JsonObject };

/** Where a write is addressed to. */
export interface Target {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly endpoint: 'main' | 'status';
}

/** Decides a creation. Status is dropped where it has an endpoint of its own; uid, generation and time are the server's. */
export function decideCreate(
  target: Target,
  body: Json | undefined,
  existing: JsonObject | undefined,
  fresh: { readonly uid: string; readonly now: string },
): Verdict {
  const { kind } = target;
  const decoded = decode(target, body);
  if (decoded.kind === 'otherKind') return refused(decoded.reply);
  if (decoded.kind === 'unreadable') return refused(badRequest(decoded.message));
  const metadata = fieldsOf(decoded.object['metadata']);
  const name = textOf(metadata['name']) ?? '';
  const object = complete({
    ...(kind.hasStatus ? withField(decoded.object, 'status', undefined) : decoded.object),
    metadata: {
      ...without(metadata, ['deletionTimestamp', 'deletionGracePeriodSeconds', 'generation', 'resourceVersion']),
      uid: fresh.uid,
      creationTimestamp: fresh.now,
      ...(kind.hasGeneration ? { generation: 1 } : {}),
    },
  });
  const causes = objectCauses(kind, object, undefined);
  if (causes.length > 0) return refused(invalid(kind, name, causes));
  if (readsAsVersion(metadata['resourceVersion']))
    return refused(internalError('resourceVersion should not be set on objects to be created'));
  if (existing !== undefined) return refused(alreadyExists(kind, name));
  return { kind: 'write', object: freeze(object) };
}

/** Decides a PUT: the body replaces the object, except for what the server keeps. */
export function decideReplace(target: Target, body: Json | undefined, before: JsonObject): Verdict {
  const decoded = decode(target, body);
  if (decoded.kind === 'otherKind') return refused(decoded.reply);
  if (decoded.kind === 'unreadable') return refused(badRequest(decoded.message));
  const uid = fieldsOf(decoded.object['metadata'])['uid'];
  if (uid !== undefined && uid !== fieldsOf(before['metadata'])['uid']) {
    return refused(
      conflict(
        target.kind,
        target.name ?? '',
        'Precondition failed: UID in precondition differs from UID in object meta',
      ),
    );
  }
  return decideUpdate(target, decoded.object, before);
}

/** Decides a PATCH, given the patched object. */
export function decidePatched(target: Target, patched: Json, before: JsonObject): Verdict {
  const decoded = decode(target, patched);
  if (decoded.kind === 'ok') return decideUpdate(target, decoded.object, before);
  if (decoded.kind === 'otherKind') return refused(decoded.reply);
  return refused(decoded.isAddress ? badRequest(decoded.message) : unreadablePatch(decoded.message));
}

function decideUpdate(target: Target, proposed: JsonObject, before: JsonObject): Verdict {
  const { kind } = target;
  const name = target.name ?? '';
  const metadata = fieldsOf(proposed['metadata']);
  const was = fieldsOf(before['metadata']);
  const guard = metadata['resourceVersion'];
  if (!readsAsVersion(guard)) {
    if (!kind.allowsUnguardedUpdate) return refused(unguarded(kind, name));
  } else if (guard !== was['resourceVersion']) {
    return refused(conflict(kind, name));
  }
  const object =
    target.endpoint === 'status' ? withStatusOf(proposed, before) : withoutStatusChange(kind, proposed, before);
  const causes = objectCauses(kind, object, before);
  if (causes.length > 0) return refused(invalid(kind, name, causes));
  if (
    was['deletionTimestamp'] !== undefined &&
    was['deletionGracePeriodSeconds'] === 0 &&
    finalizersOf(object).length === 0
  ) {
    const last = { ...fieldsOf(object['metadata']), resourceVersion: was['resourceVersion'] ?? '' };
    return { kind: 'remove', object: freeze({ ...object, metadata: last }) };
  }
  return { kind: 'write', object: freeze(object) };
}

/**
 * Marks an object as being deleted while finalizers hold it. Deleting it again changes nothing.
 * The generation goes up: for the server, to be deleted is a new wish.
 */
export function markDeleted(before: JsonObject, now: string): JsonObject {
  const metadata = without(fieldsOf(before['metadata']), ['resourceVersion']);
  if (metadata['deletionTimestamp'] !== undefined) return { ...before, metadata };
  const generation = metadata['generation'];
  return freeze({
    ...before,
    metadata: {
      ...metadata,
      ...(typeof generation === 'number' ? { generation: generation + 1 } : {}),
      deletionTimestamp: now,
      deletionGracePeriodSeconds: 0,
    },
  });
}

export const finalizersOf = (object: JsonObject): readonly Json[] => {
  const finalizers = fieldsOf(object['metadata'])['finalizers'];
  return isList(finalizers) ? finalizers : [];
};

type Decoded =
  | { readonly kind: 'ok'; readonly object: JsonObject }
  /** The body says that it is something else than what the path is for. */
  | { readonly kind: 'otherKind'; readonly reply: Reply }
  /** `isAddress`: it names another object than the path does. */
  | { readonly kind: 'unreadable'; readonly message: string; readonly isAddress: boolean };

function decode({ kind, namespace, name }: Target, body: Json | undefined): Decoded {
  const unreadable = (message: string, isAddress = false): Decoded => ({ kind: 'unreadable', message, isAddress });
  if (!isObject(body)) return unreadable('the object provided is unrecognized: expected a JSON object');
  const type = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  const said = { apiVersion: body['apiVersion'] ?? type.apiVersion, kind: body['kind'] ?? type.kind };
  if (said.apiVersion !== type.apiVersion || (said.kind !== type.kind && !kind.isCustom)) {
    return unreadable(`${JSON.stringify(said)} cannot be handled as a ${type.kind}`);
  }
  if (said.kind !== type.kind) return { kind: 'otherKind', reply: otherKind(kind, body, textOf(said.kind) ?? '') };
  const metadata = readMetadata(body['metadata']);
  if (metadata === undefined) return unreadable('json: cannot unmarshal metadata into Go value of type v1.ObjectMeta');
  if (metadata['namespace'] !== undefined && metadata['namespace'] !== namespace) {
    return unreadable('the namespace of the provided object does not match the namespace sent on the request', true);
  }
  if (name !== undefined && metadata['name'] !== name) {
    return unreadable(
      `the name of the object (${textOf(metadata['name']) ?? ''}) does not match the name on the URL (${name})`,
      true,
    );
  }
  const content = fieldsOf(
    applyDefaults(prune(without(body, ['apiVersion', 'kind', 'metadata']), kind.schema), kind.schema),
  );
  const misfit = kind.isCustom ? undefined : validate(content, kind.schema)[0];
  if (misfit !== undefined)
    return unreadable(`json: cannot unmarshal into Go struct field ${kind.kind}.${misfit.field}`);
  const placed = namespace === undefined ? metadata : { ...metadata, namespace };
  const object = { ...type, metadata: placed, ...content };
  return { kind: 'ok', object: kind.normalise?.(object) ?? object };
}

function otherKind(kind: Kind, body: JsonObject, said: string): Reply {
  const name = textOf(fieldsOf(body['metadata'])['name']) ?? '';
  const message = `Invalid value: "${said}": must be ${kind.kind}`;
  return invalid(kind, name, [{ reason: 'FieldValueInvalid', field: 'kind', message }], said);
}

/** The main endpoint changes everything but status, and counts changes outside metadata as a new generation. */
function withoutStatusChange(kind: Kind, proposed: JsonObject, before: JsonObject): JsonObject {
  const object = kind.hasStatus ? withField(proposed, 'status', before['status']) : proposed;
  const metadata = keepSystemFields(fieldsOf(object['metadata']), fieldsOf(before['metadata']));
  const { generation } = metadata;
  const isNew =
    typeof generation === 'number' &&
    !sameJson(withField(object, 'metadata', undefined), withField(before, 'metadata', undefined));
  return complete({ ...object, metadata: isNew ? { ...metadata, generation: generation + 1 } : metadata });
}

/** The status endpoint changes status and nothing else, metadata included. */
function withStatusOf(proposed: JsonObject, before: JsonObject): JsonObject {
  const metadata = without(fieldsOf(before['metadata']), ['resourceVersion']);
  return withField({ ...before, metadata }, 'status', proposed['status']);
}

function keepSystemFields(metadata: JsonObject, was: JsonObject): JsonObject {
  const kept: Record<string, Json> = { ...without(metadata, ['resourceVersion', 'generation']) };
  kept['uid'] ??= was['uid'] ?? null;
  for (const field of ['creationTimestamp', 'generation', 'deletionTimestamp']) {
    const value = was[field];
    if (value !== undefined) kept[field] = value;
  }
  const grace = was['deletionGracePeriodSeconds'];
  if (grace !== undefined) kept['deletionGracePeriodSeconds'] ??= grace;
  return kept;
}

function objectCauses(kind: Kind, object: JsonObject, before: JsonObject | undefined): ReturnType<typeof validate> {
  const metadata = fieldsOf(object['metadata']);
  const content = without(object, ['apiVersion', 'kind', 'metadata']);
  return [
    ...(kind.isCustom ? validate(content, kind.schema) : []),
    ...metadataCauses(metadata),
    ...(before === undefined ? [] : metadataChangeCauses(metadata, fieldsOf(before['metadata']))),
    ...(kind.check?.(object, before) ?? []),
  ];
}

/** Empty collections in metadata are not written. */
function complete(object: JsonObject): JsonObject {
  return { ...object, metadata: readMetadata(object['metadata']) ?? {} };
}

/** '0' and nothing both mean that the writer does not care. */
const readsAsVersion = (value: Json | undefined): boolean => value !== undefined && value !== '' && value !== '0';

function without(object: JsonObject, fields: readonly string[]): JsonObject {
  let left = object;
  for (const field of fields) left = withField(left, field, undefined);
  return left;
}

const refused = (reply: Reply): Verdict => ({ kind: 'refused', reply });
