import type { KubeRequest } from '../../../src/kube/transport.ts';
import { kindName, type Kind, type KindName } from './kind.ts';

/** Thrown when a client asks for something that the real server does and this one does not: a silent difference would be worse. */
export class NotSimulated extends Error {
  override readonly name = 'NotSimulated';

  constructor(what: string) {
    super(`the in-memory API server does not simulate ${what}: teach it, with a contract test, or do without`);
  }
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/** What a request is about, read from its path. */
export interface Route {
  readonly kind: Kind;
  readonly resource: KindName;
  readonly verb: Verb;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly endpoint: 'main' | 'status';
  readonly query: Query;
}

export interface Query {
  readonly resourceVersion: string | undefined;
  readonly limit: number | undefined;
  readonly continueToken: string | undefined;
  readonly allowsBookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
  /** From `fieldSelector=metadata.name=…`. */
  readonly selectedName: string | undefined;
}

export type RouteResult = { readonly kind: 'route'; readonly route: Route } | { readonly kind: 'noSuchPath' };

/** Reads method and path. */
export function readRoute(
  kinds: ReadonlyMap<KindName, Kind>,
  { method, path }: Pick<KubeRequest, 'method' | 'path'>,
): RouteResult {
  const [pathname = '', search = ''] = path.split('?', 2);
  const parts = pathname.split('/').slice(1).map(decodeURIComponent);
  const group = parts[0] === 'api' ? '' : parts[1];
  const [version, ...rest] = parts.slice(parts[0] === 'api' ? 1 : 2);
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2;
  const [plural, name, endpoint, ...more] = inNamespace ? rest.slice(2) : rest;
  const kind = kinds.get(kindName({ group: group ?? '', plural: plural ?? '' }));
  const isKnown = parts[0] === 'api' || parts[0] === 'apis';
  if (!isKnown || kind === undefined || kind.version !== version || more.length > 0) return { kind: 'noSuchPath' };
  const namespace = inNamespace ? rest[1] : undefined;
  if (endpoint !== undefined && (endpoint !== 'status' || !kind.hasStatus)) return { kind: 'noSuchPath' };
  if (namespace !== undefined && !kind.namespaced) return { kind: 'noSuchPath' };
  if (name !== undefined && kind.namespaced && namespace === undefined) return { kind: 'noSuchPath' };
  const parameters = new URLSearchParams(search);
  const verb = verbOf(method, name, endpoint, isTrue(parameters.get('watch')));
  if (verb === undefined || (verb === 'create' && kind.namespaced && namespace === undefined))
    throw new NotSimulated(`${method} ${pathname}`);
  const query = readQuery(parameters);
  return {
    kind: 'route',
    route: {
      kind,
      resource: kindName(kind),
      verb,
      namespace,
      name,
      endpoint: endpoint === undefined ? 'main' : 'status',
      query,
    },
  };
}

function verbOf(
  method: KubeRequest['method'],
  name: string | undefined,
  endpoint: string | undefined,
  watches: boolean,
): Verb | undefined {
  if (name === undefined) {
    if (method === 'POST') return 'create';
    if (method !== 'GET') return undefined;
    return watches ? 'watch' : 'list';
  }
  switch (method) {
    case 'GET':
      if (watches) throw new NotSimulated('watching by path; use a fieldSelector');
      return 'get';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return endpoint === undefined ? 'delete' : undefined;
    case 'POST':
      return undefined;
    default:
      return method satisfies never;
  }
}

/** Parameters that change nothing here: who writes is known, and warnings are not sent. */
const WITHOUT_EFFECT = new Set(['watch', 'fieldManager', 'pretty']);

function readQuery(parameters: URLSearchParams): Query {
  let query: Query = {
    resourceVersion: undefined,
    limit: undefined,
    continueToken: undefined,
    allowsBookmarks: false,
    timeoutSeconds: undefined,
    selectedName: undefined,
  };
  for (const [parameter, value] of parameters) {
    if (WITHOUT_EFFECT.has(parameter) || value === '') continue;
    query = { ...query, ...readParameter(parameter, value) };
  }
  return query;
}

function readParameter(parameter: string, value: string): Partial<Query> {
  switch (parameter) {
    case 'resourceVersion':
      return { resourceVersion: value };
    case 'limit':
      return { limit: Number(value) };
    case 'continue':
      return { continueToken: value };
    case 'allowWatchBookmarks':
      return { allowsBookmarks: isTrue(value) };
    case 'timeoutSeconds':
      return { timeoutSeconds: Number(value) };
    case 'fieldSelector': {
      const name = /^metadata\.name=([^,]+)$/.exec(value)?.[1];
      if (name === undefined) throw new NotSimulated(`the field selector ${value}`);
      return { selectedName: name };
    }
    case 'resourceVersionMatch':
      if (value !== 'NotOlderThan') throw new NotSimulated(`resourceVersionMatch=${value}`);
      return {};
    case 'fieldValidation':
      if (value === 'Strict') throw new NotSimulated('strict field validation');
      return {};
    default:
      throw new NotSimulated(`the parameter ${parameter}`);
  }
}

const isTrue = (value: string | null): boolean => value === 'true' || value === '1';
