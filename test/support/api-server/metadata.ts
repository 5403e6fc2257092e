import { isList, isObject, sameJson, textList, textsOf, type Json, type JsonObject } from './json.ts';
import type { Cause } from './replies.ts';

const TEXTS = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
] as const;
const NUMBERS = ['generation', 'deletionGracePeriodSeconds'] as const;
const TEXT_MAPS = ['labels', 'annotations'] as const;

/**
 * Metadata as metav1.ObjectMeta carries it: unknown fields, nulls and empty collections are left out.
 * managedFields too: nothing here depends on them.
 * @returns undefined when a field has the wrong JSON type
 */
export function readMetadata(value: Json | undefined): JsonObject | undefined {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) return undefined;
  const metadata: Record<string, Json> = {};
  for (const [field, item] of Object.entries(value)) {
    if (item === null || isEmpty(item)) continue;
    const kind = fieldKind(field);
    if (kind === 'unknown') continue;
    if (!fits(item, kind)) return undefined;
    metadata[field] = item;
  }
  return metadata;
}

type FieldKind = 'text' | 'number' | 'textMap' | 'textList' | 'objectList' | 'unknown';

function fieldKind(field: string): FieldKind {
  if (TEXTS.some((name) => name === field)) return 'text';
  if (NUMBERS.some((name) => name === field)) return 'number';
  if (TEXT_MAPS.some((name) => name === field)) return 'textMap';
  if (field === 'finalizers') return 'textList';
  return field === 'ownerReferences' ? 'objectList' : 'unknown';
}

function fits(value: Json, kind: FieldKind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return Number.isInteger(value);
    case 'textMap':
      return isObject(value) && Object.values(value).every((item) => typeof item === 'string');
    case 'textList':
      return isList(value) && value.every((item) => typeof item === 'string');
    case 'objectList':
      return isList(value) && value.every(isObject);
    case 'unknown':
      return true;
    default:
      return kind satisfies never;
  }
}

const isEmpty = (value: Json): boolean =>
  value === '' || (isList(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);

const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_NAME = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const ANNOTATIONS_BYTES_MAX = 256 * 1024;

/** What is wrong with the metadata of any object. */
export function metadataCauses(metadata: JsonObject): readonly Cause[] {
  const { name, labels, annotations, finalizers } = metadata;
  const causes: Cause[] = [];
  if (typeof name !== 'string') {
    return [
      {
        reason: 'FieldValueRequired',
        field: 'metadata.name',
        message: 'Required value: name or generateName is required',
      },
    ];
  }
  if (name.length > 253 || !DNS_SUBDOMAIN.test(name))
    causes.push(wrong('metadata.name', name, 'a lowercase RFC 1123 subdomain is needed'));
  for (const [key, value] of textsOf(labels)) {
    if (!QUALIFIED_NAME.test(key)) causes.push(wrong('metadata.labels', key, 'a qualified name is needed'));
    if (!LABEL_VALUE.test(value)) causes.push(wrong('metadata.labels', value, 'a valid label is needed'));
  }
  const notes = textsOf(annotations);
  for (const [key] of notes) {
    if (!QUALIFIED_NAME.test(key.toLowerCase()))
      causes.push(wrong('metadata.annotations', key, 'a qualified name is needed'));
  }
  const size = notes.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (size > ANNOTATIONS_BYTES_MAX) {
    causes.push({
      reason: 'FieldValueTooLong',
      field: 'metadata.annotations',
      message: `Too long: may not be more than ${ANNOTATIONS_BYTES_MAX} bytes`,
    });
  }
  for (const finalizer of textList(finalizers)) {
    if (!QUALIFIED_NAME.test(finalizer))
      causes.push(wrong('metadata.finalizers', finalizer, 'a qualified name is needed'));
  }
  return causes;
}

/** What an update may not do to the metadata of an object that is there. */
export function metadataChangeCauses(metadata: JsonObject, before: JsonObject): readonly Cause[] {
  const causes: Cause[] = [];
  const kept = new Set(textList(before['finalizers']));
  const added = textList(metadata['finalizers']).filter((finalizer) => !kept.has(finalizer));
  if (before['deletionTimestamp'] !== undefined && added.length > 0) {
    causes.push({
      reason: 'FieldValueForbidden',
      field: 'metadata.finalizers',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
    });
  }
  for (const field of ['uid', 'deletionTimestamp', 'deletionGracePeriodSeconds']) {
    if (!sameJson(metadata[field], before[field]))
      causes.push(wrong(`metadata.${field}`, metadata[field] ?? null, 'field is immutable'));
  }
  return causes;
}

const wrong = (field: string, value: Json, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});
