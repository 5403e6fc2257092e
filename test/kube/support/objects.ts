import type { KubeObject } from '../../../src/kube/object.ts';
import { readKubeObject } from '../../../src/kube/object.ts';
import type { Resource } from '../../../src/kube/resource.ts';

export const SERVERS: Resource = { group: 'flexmetal.i3d.net', version: 'v1alpha1', plural: 'flexmetalservers' };

export interface Draft {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly version?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spec?: unknown;
}

/** An object as JSON, with only the differing fields given. */
export function aServer(draft: Draft = {}): Readonly<Record<string, unknown>> {
  const name = draft.name ?? 'web-1';
  return {
    apiVersion: 'flexmetal.i3d.net/v1alpha1',
    kind: 'FlexMetalServer',
    metadata: {
      name,
      namespace: draft.namespace ?? 'games',
      uid: draft.uid ?? `uid-${name}`,
      resourceVersion: draft.version ?? '1',
      ...draft.metadata,
    },
    spec: draft.spec ?? { location: 'EU: Rotterdam' },
  };
}

export function anObject(draft: Draft = {}): KubeObject {
  const object = readKubeObject(aServer(draft));
  if (object === undefined) throw new Error('the draft makes no object');
  return object;
}

export const aList = (items: readonly unknown[], version = '10', continueToken?: string): unknown => ({
  apiVersion: 'flexmetal.i3d.net/v1alpha1',
  kind: 'FlexMetalServerList',
  metadata: { resourceVersion: version, ...(continueToken === undefined ? {} : { continue: continueToken }) },
  items,
});
