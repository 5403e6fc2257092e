import type { ObjectKey, ObjectUid } from '../base/ids.ts';
import { objectKey, parseObjectUid } from '../base/ids.ts';

/** metadata of an object, as the API server sends it: times stay RFC 3339 text, nothing is converted. */
export interface ObjectMeta {
  readonly name: string;
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string;
  readonly uid: ObjectUid;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly [field: string]: unknown;
}

/** Any object of the Kubernetes API as raw JSON: fields we do not know are kept, so that nothing is lost when it is written back. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

type Json = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads an object that the API server sent; undefined when it lacks what every stored object has (name, uid, resourceVersion).
 * @param type fills in apiVersion and kind, which items of built-in lists do not carry
 */
export function readKubeObject(
  value: unknown,
  type?: { readonly apiVersion: string; readonly kind: string },
): KubeObject | undefined {
  if (!isJsonObject(value)) return undefined;
  const apiVersion = value['apiVersion'] ?? type?.apiVersion;
  const kind = value['kind'] ?? type?.kind;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isStoredMeta(value['metadata'])) return undefined;
  return { ...value, apiVersion, kind, metadata: value['metadata'] };
}

export const keyOf = (object: KubeObject): ObjectKey =>
  objectKey(object.metadata.namespace ?? '', object.metadata.name);

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Leaves out what nobody here reads and what is often the larger half of an object: managedFields and kubectl's copy of the manifest. */
export function trimObject(object: KubeObject): KubeObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  if (metadata.annotations?.[LAST_APPLIED] === undefined) return { ...object, metadata };
  const { [LAST_APPLIED]: _lastApplied, ...annotations } = metadata.annotations;
  return { ...object, metadata: { ...metadata, annotations } };
}

function isStoredMeta(value: unknown): value is ObjectMeta {
  if (!isJsonObject(value)) return false;
  const uid = value['uid'];
  return (
    isText(value['name']) &&
    typeof uid === 'string' &&
    parseObjectUid(uid) !== undefined &&
    isText(value['resourceVersion']) &&
    isOptional(value['namespace'], isText) &&
    isOptional(value['generation'], (field) => typeof field === 'number') &&
    isOptional(value['creationTimestamp'], isText) &&
    isOptional(value['deletionTimestamp'], isText) &&
    isOptional(value['labels'], isTextMap) &&
    isOptional(value['annotations'], isTextMap) &&
    isOptional(value['finalizers'], (field) => Array.isArray(field) && field.every((item) => typeof item === 'string'))
  );
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isTextMap = (value: unknown): boolean =>
  isJsonObject(value) && Object.values(value).every((item) => typeof item === 'string');
const isOptional = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value);
