import { isObject, type Json, type JsonObject } from './json.ts';

/** Applies a JSON merge patch (RFC 7386): null removes, objects merge, everything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete merged[field];
    else merged[field] = mergePatch(merged[field], value);
  }
  return merged;
}

/**
 * The merge patch that `kubectl apply` sends: what the manifest sets, and null for what the last manifest set and this one does not.
 * Fields that neither names belong to others and stay.
 */
export function threeWayPatch(last: JsonObject, manifest: JsonObject, live: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const field of Object.keys(last)) {
    if (!Object.hasOwn(manifest, field) && Object.hasOwn(live, field)) patch[field] = null;
  }
  for (const [field, value] of Object.entries(manifest)) {
    const was = last[field];
    const is = live[field];
    patch[field] = isObject(value) && isObject(is) ? threeWayPatch(isObject(was) ? was : {}, value, is) : value;
  }
  return patch;
}
