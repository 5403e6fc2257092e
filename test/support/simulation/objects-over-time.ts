import type { Instant } from '../../../src/base/time.ts';
import { ANNOTATION } from '../../../src/resources/names.ts';
import { fieldsOf, isList, parseJson, textOf } from '../api-server/json.ts';
import type { Json, JsonObject } from '../api-server/json.ts';
import type { ApiServer } from '../api-server/api-server.ts';
import { FLEXMETALSERVERS } from './faulty-kube.ts';

/** What stood in the cluster about one object from one instant to the next. */
export interface ObjectState {
  readonly from: Instant;
  /** Infinity: to the end of the run. */
  readonly until: number;
  readonly object: JsonObject;
}

/** One object, by uid, from its creation to its end. */
export interface ObjectLife {
  readonly uid: string;
  readonly states: readonly ObjectState[];
  readonly goneAt: Instant | undefined;
}

/** Every FlexMetalServer that ever was in the cluster. */
export function objectLives(api: ApiServer): readonly ObjectLife[] {
  const changes = api.history.filter((change) => change.resource === FLEXMETALSERVERS);
  const byUid = Map.groupBy(changes, ({ object }) => uidOf(object));
  return [...byUid].map(([uid, own]) => {
    const goneAt = own.find(({ verb }) => verb === 'delete')?.at;
    const lived = own.filter(({ verb }) => verb !== 'delete');
    const states = lived.map(({ at, object }, index) => ({
      from: at,
      until: lived[index + 1]?.at ?? goneAt ?? Infinity,
      object,
    }));
    return { uid, states, goneAt };
  });
}

/** The states that stood at some instant between the two. */
export const statesBetween = ({ states }: ObjectLife, from: number, until: number): readonly ObjectState[] =>
  states.filter((state) => state.from <= until && state.until >= from);

export const uidOf = (object: JsonObject): string => textOf(fieldsOf(object['metadata'])['uid']) ?? '';
const specOf = (object: JsonObject): JsonObject => fieldsOf(object['spec']);
export const annotationOf = (object: JsonObject, name: string): string | undefined =>
  textOf(fieldsOf(fieldsOf(object['metadata'])['annotations'])[name]);

export const statusEntry = (object: JsonObject): JsonObject => fieldsOf(fieldsOf(object['status'])['order']);
export const annotationEntry = (object: JsonObject): JsonObject =>
  fieldsOf(parseJson(annotationOf(object, ANNOTATION.order) ?? '{}'));

/** Both copies of the ledger, as far as they are this object's own. */
export const entriesOf = (object: JsonObject): readonly JsonObject[] =>
  [annotationEntry(object), statusEntry(object)].filter((entry) => entry['objectUid'] === uidOf(object));

export const isBeingDeleted = (object: JsonObject): boolean =>
  textOf(fieldsOf(object['metadata'])['deletionTimestamp']) !== undefined;
export const isPaused = (object: JsonObject): boolean => annotationOf(object, ANNOTATION.paused) === 'true';
export const isProtected = (object: JsonObject): boolean => specOf(object)['deletionProtection'] === true;
export const isRetained = (object: JsonObject): boolean => specOf(object)['deletionPolicy'] === 'Retain';

const holds = (list: Json | undefined, uuid: string): boolean => isList(list) && list.includes(uuid);

/** A person allowed this server to be released although the object stays. */
export const allowsRelease = (object: JsonObject, uuid: string): boolean =>
  entriesOf(object).some((entry) => holds(entry['releases'], uuid));

/** A person told the operator to leave this server alone. */
export const isForgotten = (object: JsonObject, uuid: string): boolean =>
  entriesOf(object).some((entry) => holds(entry['forgotten'], uuid));

/** A person lets the deleted object go whatever becomes of its servers. */
const isForceForgotten = (object: JsonObject): boolean =>
  isBeingDeleted(object) && annotationOf(object, ANNOTATION.forceForget) !== undefined;

/**
 * From when on the server is not the object's business any more, by a person's word: forgotten, or left behind by an object
 * that went by Retain or force-forget. Infinity: never.
 */
export function letGoAt({ states, goneAt }: ObjectLife, uuid: string): number {
  const forgotten = states.find(({ object }) => isForgotten(object, uuid));
  const last = states.at(-1)?.object;
  const mayStay = last !== undefined && (isForceForgotten(last) || (isRetained(last) && !isProtected(last)));
  return Math.min(forgotten?.from ?? Infinity, mayStay ? (goneAt ?? Infinity) : Infinity);
}
