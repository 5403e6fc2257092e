import type { Random } from '../../../src/base/random.ts';
import { formatInstant, type Instant } from '../../../src/base/time.ts';
import type { KubeRequest } from '../../../src/kube/transport.ts';
import { fieldsOf, freeze, isObject, parseJson, textOf, withField, type Json, type JsonObject } from './json.ts';
import { jsonPatch } from './json-patch.ts';
import { apiVersionOf } from './kind.ts';
import { mergePatch } from './merge-patch.ts';
import {
  badRequest,
  deleted,
  expired,
  noNamespace,
  notFound,
  ok,
  tooLargeVersion,
  unprocessable,
  unsupportedMediaType,
  wrongPrecondition,
  type Reply,
} from './replies.ts';
import { NotSimulated, type Route } from './route.ts';
import type { Store } from './store.ts';
import {
  decideCreate,
  decidePatched,
  decideReplace,
  finalizersOf,
  markDeleted,
  type Target,
  type Verdict,
} from './write-rules.ts';

/** One request while it is being carried out. */
export interface Call {
  readonly store: Store;
  readonly random: Random;
  readonly now: Instant;
  readonly by: string;
  readonly route: Route;
  readonly request: KubeRequest;
  /** Up to where reads that allow old data see. */
  readonly cacheRevision: number;
}

/** Carries out a request that is no watch, at one instant. */
export function carryOut(call: Call): Reply {
  switch (call.route.verb) {
    case 'get':
      return get(call);
    case 'list':
      return list(call);
    case 'create':
      return create(call);
    case 'update':
      return update(call);
    case 'patch':
      return patch(call);
    case 'delete':
      return remove(call);
    case 'watch':
      throw new Error('a watch is opened, not carried out');
    default:
      return call.route.verb satisfies never;
  }
}

/** The revision a read asks for: a number, undefined for the newest state, or a reply that refuses it. */
export function readRevision(text: string | undefined, store: Store): number | undefined | Reply {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text))
    return badRequest(
      `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
    );
  return Number(text) > store.revision ? tooLargeVersion(Number(text), store.revision) : Number(text);
}

function get({ store, route, cacheRevision }: Call): Reply {
  const revision = readRevision(route.query.resourceVersion, store);
  if (typeof revision === 'object') return revision;
  const key = keyOf(route.namespace, route.name);
  const found =
    revision === 0
      ? store.snapshot(route.resource, key, cacheRevision).objects.find((entry) => entry.key === key)?.object
      : store.read(route.resource, key);
  return found === undefined ? notFound(route.kind, route.name ?? '') : ok(found);
}

function list({ store, route, cacheRevision }: Call): Reply {
  const { kind, query } = route;
  const asked = readRevision(query.resourceVersion, store);
  if (typeof asked === 'object') return asked;
  const place =
    query.continueToken === undefined
      ? { revision: asked === 0 ? cacheRevision : store.revision, after: '' }
      : readToken(query.continueToken);
  if (place === undefined) return badRequest('continue key is not valid');
  if (query.continueToken !== undefined && place.revision < store.compactedRevision) {
    return expired(TOKEN_TOO_OLD, { continue: tokenOf({ revision: store.revision, after: place.after }) });
  }
  const prefix = route.namespace === undefined ? '' : `${route.namespace}/`;
  const all = store
    .snapshot(route.resource, prefix, place.revision)
    .objects.filter(({ key }) => isSelected(key, query.selectedName));
  const rest = place.after === '' ? all : all.filter(({ key }) => key > place.after);
  // From the cache the real server answers with everything, whatever the limit.
  const limit = query.limit === undefined || query.limit === 0 || asked === 0 ? rest.length : query.limit;
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const more = rest.length > page.length && last !== undefined;
  const metadata = {
    resourceVersion: String(place.revision),
    // Lists of custom resources name the field also when it is empty.
    ...(kind.isCustom ? { continue: '' } : {}),
    ...(more
      ? {
          continue: tokenOf({ revision: place.revision, after: last.key }),
          remainingItemCount: rest.length - page.length,
        }
      : {}),
  };
  const items = page.map(({ object }) => (kind.isCustom ? object : withoutType(object)));
  return ok(freeze({ kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items }));
}

const TOKEN_TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. ' +
  'You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results.';

function create(call: Call): Reply {
  const { store, route } = call;
  const body = parseJson(call.request.body ?? '');
  const metadata = fieldsOf(fieldsOf(body)['metadata']);
  if (metadata['generateName'] !== undefined && metadata['name'] === undefined) throw new NotSimulated('generateName');
  if (route.namespace !== undefined && store.read('namespaces', `/${route.namespace}`) === undefined)
    return noNamespace(route.namespace);
  const key = keyOf(route.namespace, textOf(metadata['name']));
  return settle(call, key, decideCreate(targetOf(route), body, store.read(route.resource, key), freshOf(call)), 201);
}

function update(call: Call): Reply {
  const { store, route } = call;
  const key = keyOf(route.namespace, route.name);
  const before = store.read(route.resource, key);
  if (before === undefined) return route.kind.createsOnUpdate ? create(call) : notFound(route.kind, route.name ?? '');
  return settle(call, key, decideReplace(targetOf(route), parseJson(call.request.body ?? ''), before));
}

function patch(call: Call): Reply {
  const { store, route, request } = call;
  const before = store.read(route.resource, keyOf(route.namespace, route.name));
  const change = parseJson(request.body ?? '');
  if (change === undefined) return badRequest('error decoding patch: invalid JSON');
  switch (request.contentType) {
    case 'application/merge-patch+json':
      if (!isObject(change)) return badRequest('error decoding patch: a merge patch is an object');
      return before === undefined
        ? notFound(route.kind, route.name ?? '')
        : patched(call, before, mergePatch(before, change));
    case 'application/json-patch+json': {
      if (before === undefined) return notFound(route.kind, route.name ?? '');
      const result = jsonPatch(before, change);
      if (result.kind === 'malformed') return badRequest(result.message);
      return result.kind === 'failed' ? unprocessable() : patched(call, before, result.value);
    }
    case 'application/apply-patch+yaml':
      throw new NotSimulated('server-side apply');
    case 'application/json':
    case undefined:
      return unsupportedMediaType();
    default:
      return request.contentType satisfies never;
  }
}

const patched = (call: Call, before: JsonObject, value: Json): Reply =>
  settle(call, keyOf(call.route.namespace, call.route.name), decidePatched(targetOf(call.route), value, before));

function remove(call: Call): Reply {
  const { store, route } = call;
  const { kind, name = '' } = route;
  if (kind.plural === 'namespaces') throw new NotSimulated('deleting a namespace');
  const key = keyOf(route.namespace, name);
  const before = store.read(route.resource, key);
  if (before === undefined) return notFound(kind, name);
  const options = call.request.body === undefined ? {} : fieldsOf(parseJson(call.request.body));
  const policy = options['propagationPolicy'] ?? 'Background';
  if (policy !== 'Background') throw new NotSimulated(`propagationPolicy=${JSON.stringify(policy)}`);
  const metadata = fieldsOf(before['metadata']);
  const wanted = fieldsOf(options['preconditions']);
  for (const field of ['uid', 'resourceVersion']) {
    if (wanted[field] === undefined || wanted[field] === metadata[field]) continue;
    return wrongPrecondition(kind, name, field);
  }
  if (finalizersOf(before).length > 0) {
    return ok(
      store.write(route.resource, key, markDeleted(before, formatInstant(call.now)), {
        at: call.now,
        by: call.by,
        verb: 'update',
      }),
    );
  }
  store.remove(route.resource, key, { at: call.now, by: call.by });
  return deleted(kind, name, textOf(metadata['uid']) ?? '');
}

function settle(call: Call, key: string, verdict: Verdict, status = 200): Reply {
  const { store, route, now, by } = call;
  switch (verdict.kind) {
    case 'refused':
      return verdict.reply;
    case 'write':
      return ok(
        store.write(route.resource, key, verdict.object, { at: now, by, verb: changeVerb(route, status) }),
        status,
      );
    case 'remove':
      store.remove(route.resource, key, { at: now, by });
      return ok(verdict.object);
    default:
      return verdict satisfies never;
  }
}

function changeVerb(route: Route, status: number): 'create' | 'update' | 'status' {
  if (status === 201) return 'create';
  return route.endpoint === 'status' ? 'status' : 'update';
}

function freshOf({ random, now }: Call): { readonly uid: string; readonly now: string } {
  const hex = random.hex(16);
  const uid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  return { uid, now: formatInstant(now) };
}

const targetOf = ({ kind, namespace, name, endpoint }: Route): Target => ({ kind, namespace, name, endpoint });

const keyOf = (namespace: string | undefined, name: string | undefined): string => `${namespace ?? ''}/${name ?? ''}`;

const isSelected = (key: string, name: string | undefined): boolean =>
  name === undefined || key.slice(key.indexOf('/') + 1) === name;

const withoutType = (object: JsonObject): JsonObject =>
  withField(withField(object, 'kind', undefined), 'apiVersion', undefined);

interface Place {
  readonly revision: number;
  readonly after: string;
}

const tokenOf = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

function readToken(token: string): Place | undefined {
  const place = fieldsOf(parseJson(Buffer.from(token, 'base64url').toString()));
  const { revision, after } = place;
  return typeof revision === 'number' && typeof after === 'string' ? { revision, after } : undefined;
}
