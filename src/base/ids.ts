import type { Brand } from './brand.ts';

/** The vendor's id of a server. */
export type ServerUuid = Brand<string, 'ServerUuid'>;
/** metadata.uid of an object. */
export type ObjectUid = Brand<string, 'ObjectUid'>;
/** One attempt to order: 16 lower-case hex digits, random, never used twice. */
export type AttemptId = Brand<string, 'AttemptId'>;
/** `namespace/name` of an object. */
export type ObjectKey = Brand<string, 'ObjectKey'>;
/** Twelve lower-case hex digits that tell this cluster's servers from another's. */
export type ClusterId = Brand<string, 'ClusterId'>;

const UUID = /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/;

/** Reads a server's uuid; undefined for anything that is not one (lower-cased, so that two spellings are one server). */
export const parseServerUuid = (text: string): ServerUuid | undefined =>
  UUID.test(text) ? (text.toLowerCase() as ServerUuid) : undefined;

/** Reads an object's uid. The API server makes them, so any non-empty text that fits a tag is accepted. */
export const parseObjectUid = (text: string): ObjectUid | undefined =>
  /^[A-Za-z0-9-]{1,48}$/.test(text) ? (text as ObjectUid) : undefined;

export const parseAttemptId = (text: string): AttemptId | undefined =>
  /^[0-9a-f]{16}$/.test(text) ? (text as AttemptId) : undefined;

export const parseClusterId = (text: string): ClusterId | undefined =>
  /^[0-9a-f]{12}$/.test(text) ? (text as ClusterId) : undefined;

export const objectKey = (namespace: string, name: string): ObjectKey => `${namespace}/${name}` as ObjectKey;

export function splitKey(key: ObjectKey): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
