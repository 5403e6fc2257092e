import type { JsonObject } from './json.ts';
import type { Cause } from './replies.ts';
import type { Schema } from './structural-schema.ts';

/** One resource that the server knows, and how it differs from the others. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  /** Under which group the server reports what is wrong with an object, where that is another one. */
  readonly groupInErrors?: string;
  readonly namespaced: boolean;
  /** Has a status endpoint; the main one then leaves status alone. */
  readonly hasStatus: boolean;
  readonly hasGeneration: boolean;
  /** A PUT without a resourceVersion overwrites whatever is there. */
  readonly allowsUnguardedUpdate: boolean;
  /** A PUT of an object that is not there creates it. */
  readonly createsOnUpdate: boolean;
  /** Custom resources say which field is wrong (422); for built-in types a wrong JSON type is no object at all (400). */
  readonly isCustom: boolean;
  /** Of everything but apiVersion, kind and metadata. */
  readonly schema: Schema;
  /** Brings an object into the form in which it is stored. */
  readonly normalise?: (object: JsonObject) => JsonObject;
  /** What the schema cannot say. `before` is undefined on creation. */
  readonly check?: (object: JsonObject, before: JsonObject | undefined) => readonly Cause[];
}

export const apiVersionOf = (kind: Kind): string =>
  kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;

/** Names a resource across groups: `leases.coordination.k8s.io`, `secrets`. */
export type KindName = string;

export const kindName = (kind: { readonly group: string; readonly plural: string }): KindName =>
  kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;

export const kindByType = (kinds: readonly Kind[], apiVersion: string, type: string): Kind | undefined =>
  kinds.find((kind) => kind.kind === type && apiVersionOf(kind) === apiVersion);
