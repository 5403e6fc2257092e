import { fieldsOf, isList, textOf, withField, type Json, type JsonObject } from '../json.ts';

/**
 * Puts what differs from run to run into a common form: uids and versions of objects become `uid 1`, `version 2` in the order in which
 * they first appear, so that "the same as before" and "another one" still show. Times become `a time`.
 */
export class Normaliser {
  readonly #namespace: string;
  readonly #uids = new Map<string, string>();
  readonly #versions = new Map<string, string>();

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  reply(status: number, body: JsonObject): Json {
    return { status, body: this.#body(body) };
  }

  line(line: JsonObject): Json {
    const { type, object } = line;
    if (type === 'BOOKMARK') return { type };
    return { type: type ?? null, object: this.#body(fieldsOf(object)) };
  }

  #body(body: JsonObject): Json {
    if (body['kind'] === 'Status') return this.#status(body);
    const items = body['items'];
    if (isList(items))
      return {
        kind: body['kind'] ?? null,
        metadata: listMetadata(fieldsOf(body['metadata'])),
        items: items.map((item) => this.#object(fieldsOf(item))),
      };
    return this.#object(body);
  }

  /** Words for people may differ; which fields are wrong and why may not. */
  #status(body: JsonObject): Json {
    const details = fieldsOf(body['details']);
    const causes = isList(details['causes']) ? details['causes'].map(fieldsOf) : [];
    return {
      reason: body['reason'] ?? null,
      code: body['code'] ?? null,
      status: body['status'] ?? null,
      name: details['name'] ?? null,
      kind: details['kind'] ?? null,
      group: details['group'] ?? null,
      uid: this.#label(this.#uids, 'uid', details['uid']),
      // The real server says some things twice, and says of no field in particular that CEL rules were left out: they are not simulated.
      causes: [...new Set(causes.filter(({ field }) => field !== '<nil>').map(causeText))].toSorted(),
      hasContinue: fieldsOf(body['metadata'])['continue'] !== undefined,
    };
  }

  #object(object: JsonObject): Json {
    const metadata = withField(fieldsOf(object['metadata']), 'managedFields', undefined);
    const normal = Object.entries(metadata).map(([field, value]) => [field, this.#metadata(field, value)] as const);
    return { ...object, metadata: Object.fromEntries(normal) };
  }

  #metadata(field: string, value: Json): Json {
    switch (field) {
      case 'uid':
        return this.#label(this.#uids, 'uid', value);
      case 'resourceVersion':
        return this.#label(this.#versions, 'version', value);
      case 'creationTimestamp':
      case 'deletionTimestamp':
        return 'a time';
      case 'namespace':
        return value === this.#namespace ? 'the namespace' : value;
      default:
        return value;
    }
  }

  #label(seen: Map<string, string>, word: string, value: Json | undefined): Json {
    if (typeof value !== 'string') return null;
    const label = seen.get(value) ?? `${word} ${seen.size + 1}`;
    seen.set(value, label);
    return label;
  }
}

const causeText = (cause: JsonObject): string => `${textOf(cause['field']) ?? ''} ${textOf(cause['reason']) ?? ''}`;

const listMetadata = (metadata: JsonObject): Json => ({
  hasVersion: /^\d+$/.test(textOf(metadata['resourceVersion']) ?? ''),
  continue: continueWord(metadata['continue']),
  remaining: metadata['remainingItemCount'] ?? null,
});

function continueWord(token: Json | undefined): 'none' | 'empty' | 'token' {
  if (token === undefined) return 'none';
  return token === '' ? 'empty' : 'token';
}
