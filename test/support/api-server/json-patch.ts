import { isList, isObject, sameJson, withField, type Json } from './json.ts';

export type PatchResult =
  | { readonly kind: 'patched'; readonly value: Json }
  /** The patch itself is no JSON patch. */
  | { readonly kind: 'malformed'; readonly message: string }
  /** It is one, but does not fit the value. */
  | { readonly kind: 'failed'; readonly message: string };

interface Operation {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[] | undefined;
  readonly value: Json | undefined;
}

/** Applies a JSON patch (RFC 6902), all of it or nothing. */
export function jsonPatch(target: Json, patch: Json): PatchResult {
  if (!isList(patch))
    return { kind: 'malformed', message: 'error decoding patch: a JSON patch is a list of operations' };
  const operations = patch.map(readOperation);
  let value = target;
  for (const operation of operations) {
    if (operation === undefined) return { kind: 'malformed', message: 'error decoding patch: not an operation' };
    const next = apply(value, operation);
    if (next instanceof Misfit) return { kind: 'failed', message: next.message };
    value = next;
  }
  return { kind: 'patched', value };
}

class Misfit {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

function apply(target: Json, operation: Operation): Json | Misfit {
  const { path, from, value } = operation;
  switch (operation.op) {
    case 'add':
      return value === undefined ? new Misfit('add needs a value') : change(target, path, (at) => add(at, value));
    case 'replace':
      return value === undefined
        ? new Misfit('replace needs a value')
        : change(target, path, (at) => replace(at, value));
    case 'remove':
      return change(target, path, remove);
    case 'test':
      return sameJson(read(target, path), value ?? null)
        ? target
        : new Misfit(`testing value /${path.join('/')} failed`);
    case 'copy':
    case 'move': {
      const found = from === undefined ? undefined : read(target, from);
      if (from === undefined || found === undefined) return new Misfit(`${operation.op} from a missing place`);
      const without = operation.op === 'move' ? change(target, from, remove) : target;
      return without instanceof Misfit ? without : change(without, path, (at) => add(at, found));
    }
    default:
      return new Misfit(`Unexpected kind: ${operation.op}`);
  }
}

/** The last step of a path: the container and the name or index in it. */
interface Place {
  readonly container: Json;
  readonly name: string;
}

function change(target: Json, path: readonly string[], act: (place: Place) => Json | Misfit): Json | Misfit {
  const [name, ...rest] = path;
  if (name === undefined) return new Misfit('the whole document cannot be changed');
  if (rest.length === 0) return act({ container: target, name });
  const child = step(target, name);
  if (child === undefined) return new Misfit(`doc is missing path: /${path.join('/')}`);
  const changed = change(child, rest, act);
  if (changed instanceof Misfit) return changed;
  return isList(target) ? target.with(Number(name), changed) : withField(isObject(target) ? target : {}, name, changed);
}

function add({ container, name }: Place, value: Json): Json | Misfit {
  if (isObject(container)) return withField(container, name, value);
  if (!isList(container)) return new Misfit(`doc is missing path: ${name}`);
  const at = name === '-' ? container.length : indexOf(name, container.length + 1);
  return at === undefined ? new Misfit(`index out of bounds: ${name}`) : container.toSpliced(at, 0, value);
}

/** Of a list, what is there; of an object, also what is not: the real server takes that as an addition. */
function replace(place: Place, value: Json): Json | Misfit {
  const { container, name } = place;
  if (isObject(container)) return add(place, value);
  if (step(container, name) === undefined)
    return new Misfit(`replace operation does not apply: doc is missing key: ${name}`);
  return isList(container) ? container.with(Number(name), value) : new Misfit(`doc is missing path: ${name}`);
}

function remove({ container, name }: Place): Json | Misfit {
  if (step(container, name) === undefined) return new Misfit(`unable to remove nonexistent key: ${name}`);
  return isList(container)
    ? container.toSpliced(Number(name), 1)
    : withField(isObject(container) ? container : {}, name, undefined);
}

function step(container: Json, name: string): Json | undefined {
  if (isList(container)) {
    const at = indexOf(name, container.length);
    return at === undefined ? undefined : container[at];
  }
  return isObject(container) && Object.hasOwn(container, name) ? container[name] : undefined;
}

function read(target: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = target;
  for (const name of path) value = value === undefined ? undefined : step(value, name);
  return value;
}

function indexOf(name: string, end: number): number | undefined {
  const at = /^(?:0|[1-9]\d*)$/.test(name) ? Number(name) : undefined;
  return at !== undefined && at < end ? at : undefined;
}

function readOperation(entry: Json): Operation | undefined {
  if (!isObject(entry)) return undefined;
  const { op, from, value } = entry;
  const path = readPointer(entry['path']);
  if (typeof op !== 'string' || path === undefined) return undefined;
  return { op, path, from: readPointer(from), value };
}

function readPointer(text: Json | undefined): readonly string[] | undefined {
  if (typeof text !== 'string' || !text.startsWith('/')) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
