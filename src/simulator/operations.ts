/** The 22 operations of the vendor's API, by the names of its OpenAPI document. */
export const OPERATIONS = {
  getFlexMetalServers: { method: 'GET', path: '/v3/flexMetal/servers' },
  createFlexMetalServer: { method: 'POST', path: '/v3/flexMetal/servers' },
  getFlexMetalServer: { method: 'GET', path: '/v3/flexMetal/servers/{uuid}' },
  deleteFlexMetalServer: { method: 'DELETE', path: '/v3/flexMetal/servers/{uuid}' },
  getFlexMetalServerRootPasswords: { method: 'GET', path: '/v3/flexMetal/servers/{uuid}/rootPassword' },
  createFlexMetalServerTag: { method: 'POST', path: '/v3/flexMetal/servers/{uuid}/tag/{tag}' },
  deleteFlexMetalServerTag: { method: 'DELETE', path: '/v3/flexMetal/servers/{uuid}/tag/{tag}' },
  getFlexMetalCapacityCommits: { method: 'GET', path: '/v3/flexMetal/capacity/commit' },
  getFlexMetalLocations: { method: 'GET', path: '/v3/flexMetal/location' },
  getFlexMetalLocationInstanceTypes: { method: 'GET', path: '/v3/flexMetal/location/{locationId}/instanceTypes' },
  getFlexMetalTags: { method: 'GET', path: '/v3/flexMetal/tags' },
  createFlexMetalTag: { method: 'POST', path: '/v3/flexMetal/tags' },
  getFlexMetalTag: { method: 'GET', path: '/v3/flexMetal/tags/{tag}' },
  updateFlexMetalTag: { method: 'PUT', path: '/v3/flexMetal/tags/{tag}' },
  deleteFlexMetalTag: { method: 'DELETE', path: '/v3/flexMetal/tags/{tag}' },
  getFlexMetalQuotaUsages: { method: 'GET', path: '/v3/flexMetal/quota/usage' },
  getFlexMetalUsages: { method: 'GET', path: '/v3/flexMetal/usage' },
  getOperatingsystems: { method: 'GET', path: '/v3/operatingsystem' },
  getSshKeys: { method: 'GET', path: '/v3/sshKey' },
  createSshKey: { method: 'POST', path: '/v3/sshKey' },
  getSshKey: { method: 'GET', path: '/v3/sshKey/{uuid}' },
  deleteSshKey: { method: 'DELETE', path: '/v3/sshKey/{uuid}' },
} as const satisfies Record<string, { readonly method: string; readonly path: string }>;

export type Operation = keyof typeof OPERATIONS;

export const OPERATION_NAMES = Object.keys(OPERATIONS).filter(isOperation);

function isOperation(name: string): name is Operation {
  return Object.hasOwn(OPERATIONS, name);
}

/** Where a request leads. `params` are decoded. */
export type Route =
  | {
      readonly kind: 'found';
      readonly operation: Operation;
      readonly params: ReadonlyMap<string, string>;
      readonly query: URLSearchParams;
    }
  | { readonly kind: 'wrongMethod' }
  | { readonly kind: 'unknown' };

/** Finds the operation of a request. A trailing slash is ignored, since the vendor's own pages write some paths with one. */
export function routeOf(method: string, pathAndQuery: string): Route {
  const questionMark = pathAndQuery.indexOf('?');
  const path = questionMark === -1 ? pathAndQuery : pathAndQuery.slice(0, questionMark);
  const segments = path.split('/');
  if (segments.at(-1) === '') segments.pop();
  let pathIsKnown = false;
  for (const pattern of PATTERNS) {
    const params = match(pattern.segments, segments);
    if (params === undefined) continue;
    if (pattern.method === method) {
      const query = new URLSearchParams(questionMark === -1 ? '' : pathAndQuery.slice(questionMark + 1));
      return { kind: 'found', operation: pattern.operation, params, query };
    }
    pathIsKnown = true;
  }
  return pathIsKnown ? { kind: 'wrongMethod' } : { kind: 'unknown' };
}

interface Pattern {
  readonly operation: Operation;
  readonly method: string;
  readonly segments: readonly string[];
}

const PATTERNS: readonly Pattern[] = OPERATION_NAMES.map((operation) => ({
  operation,
  method: OPERATIONS[operation].method,
  segments: OPERATIONS[operation].path.split('/'),
}));

const NO_PARAMS: ReadonlyMap<string, string> = new Map();

function match(pattern: readonly string[], segments: readonly string[]): ReadonlyMap<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  let params: Map<string, string> | undefined;
  for (const [at, expected] of pattern.entries()) {
    const segment = segments[at] ?? '';
    if (!expected.startsWith('{')) {
      if (segment !== expected) return undefined;
      continue;
    }
    const value = decode(segment);
    if (value === undefined || value === '') return undefined;
    params ??= new Map();
    params.set(expected.slice(1, -1), value);
  }
  return params ?? NO_PARAMS;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
