import { isJsonObject } from './object.ts';

export type JsonPatchObject = Readonly<Record<string, unknown>>;

/**
 * The JSON merge patch (RFC 7396) that turns `from` into `to`; undefined when they are equal.
 * Fields that are gone become null; arrays are replaced whole. Undefined and null mean "not there": a merge patch cannot say null.
 */
export function mergeDiff(from: JsonPatchObject, to: JsonPatchObject): JsonPatchObject | undefined {
  const removed = Object.keys(from)
    .filter((field) => isThere(own(from, field)) && !isThere(own(to, field)))
    .map((field): [string, unknown] => [field, null]);
  const changed = Object.entries(to)
    .filter(([, value]) => isThere(value))
    .map(([field, value]): [string, unknown] => [field, fieldDiff(own(from, field), value)])
    .filter(([, value]) => value !== undefined);
  if (removed.length + changed.length === 0) return undefined;
  return Object.fromEntries([...removed, ...changed]);
}

function fieldDiff(from: unknown, to: unknown): unknown {
  if (isJsonObject(from) && isJsonObject(to)) return mergeDiff(from, to);
  if (sameJson(from, to)) return undefined;
  return isJsonObject(to) ? (mergeDiff({}, to) ?? {}) : to;
}

function sameJson(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => sameJson(item, right[index]));
  }
  if (isJsonObject(left) && isJsonObject(right)) {
    const fields = new Set([...Object.keys(left), ...Object.keys(right)]);
    // Inside an array null is a value of its own, so absent and null differ here.
    return [...fields].every((field) => sameJson(own(left, field), own(right, field)));
  }
  return left === right;
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null;
const own = (object: JsonPatchObject, field: string): unknown =>
  Object.hasOwn(object, field) ? object[field] : undefined;
