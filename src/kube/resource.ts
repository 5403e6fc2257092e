/** A kind of object by where the API server keeps it. The core group is ''. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** Names one object; `namespace` is left out for cluster-scoped ones. */
export interface ObjectRef {
  readonly namespace?: string;
  readonly name: string;
}

export const LEASES: Resource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' };
export const EVENTS: Resource = { group: 'events.k8s.io', version: 'v1', plural: 'events' };

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Path of all objects of a kind, in one namespace or everywhere. */
export const collectionPath = (resource: Resource, namespace: string | undefined, query: Query = {}): string =>
  `${groupPath(resource)}${namespacePath(namespace)}/${resource.plural}${queryText(query)}`;

/** Path of one object or of a part of it. */
export const objectPath = (resource: Resource, ref: ObjectRef, subresource?: 'status', query: Query = {}): string =>
  `${groupPath(resource)}${namespacePath(ref.namespace)}/${resource.plural}/${encodeURIComponent(ref.name)}${
    subresource === undefined ? '' : `/${subresource}`
  }${queryText(query)}`;

const groupPath = ({ group, version }: Resource): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

const namespacePath = (namespace: string | undefined): string =>
  namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;

function queryText(query: Query): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
