import type { FlexMetalServerWithoutSpec } from '../../resources/flexmetalserver/parse.ts';
import { parseFlexMetalServer } from '../../resources/flexmetalserver/parse.ts';
import type { FlexMetalServerStatus } from '../../resources/flexmetalserver/schema.ts';
import { ANNOTATION, FINALIZER } from '../../resources/names.ts';
import type { WriteOutcome } from '../../core/server/absorb.ts';
import type { Entry } from '../../core/model/ledger.ts';
import { formatEntry } from '../../core/model/ledger.ts';
import type { KubeClient, ObjectResult } from '../../kube/client.ts';
import { mergeDiff } from '../../kube/merge-diff.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isJsonObject } from '../../kube/object.ts';
import type { OwnWrites } from '../../kube/own-writes.ts';
import { FLEXMETALSERVERS } from './object.ts';

/** The raw object behind a parsed one, which a status patch is made against. */
const rawObjects = new WeakMap<FlexMetalServerWithoutSpec, KubeObject>();

export type ParsedObject = ReturnType<typeof parseFlexMetalServer>;

/** Parses an object and keeps its raw form findable for as long as the parsed one lives. */
export function parseRaw(raw: KubeObject): ParsedObject {
  const parsed = parseFlexMetalServer(raw);
  if (parsed.object !== undefined) rawObjects.set(parsed.object, raw);
  return parsed;
}

/**
 * The writes to an object. All are patches guarded by the resourceVersion that the decision was made on, so that a decision on
 * an older object never lands; the cache is trimmed, so nothing of it is ever put back.
 */
export class ObjectWriter {
  readonly #client: KubeClient;
  readonly #ownWrites: OwnWrites;
  readonly #onStatus: (sent: unknown, kept: unknown) => void;

  /** @param onStatus is told what was written of a status and what the API server then had of it */
  constructor(client: KubeClient, ownWrites: OwnWrites, onStatus: (sent: unknown, kept: unknown) => void) {
    this.#client = client;
    this.#ownWrites = ownWrites;
    this.#onStatus = onStatus;
  }

  /** The ledger into the annotation, and the finalizer onto the object, in one write. */
  writeLedger(object: FlexMetalServerWithoutSpec, entry: Entry): Promise<WriteOutcome> {
    const withFinalizer = object.finalizers.includes(FINALIZER) || object.deletionTimestamp !== undefined;
    return this.#patch(object, {
      metadata: {
        resourceVersion: object.resourceVersion,
        annotations: { [ANNOTATION.order]: JSON.stringify(formatEntry(entry)) },
        ...(withFinalizer ? {} : { finalizers: [...object.finalizers, FINALIZER] }),
      },
    });
  }

  /** Lets a deleted object go. */
  dropFinalizer(object: FlexMetalServerWithoutSpec): Promise<WriteOutcome> {
    return this.#patch(object, {
      metadata: {
        resourceVersion: object.resourceVersion,
        finalizers: object.finalizers.filter((finalizer) => finalizer !== FINALIZER),
      },
    });
  }

  /** The status, when it differs: `undefined` says that there was nothing to write. */
  async writeStatus(
    object: FlexMetalServerWithoutSpec,
    status: FlexMetalServerStatus,
    observedAt: string,
  ): Promise<WriteOutcome | undefined> {
    const raw = rawObjects.get(object);
    const before = isJsonObject(raw?.['status']) ? raw['status'] : {};
    // A copy of the ledger that cannot be read is evidence: it is never overwritten.
    const order = object.statusLedger.kind === 'unreadable' ? { order: before['order'] } : {};
    if (mergeDiff(before, { ...status, ...order }) === undefined) return undefined;
    const diff = mergeDiff(before, { ...status, ...order, lastObservedTime: observedAt });
    return this.#patch(object, { metadata: { resourceVersion: object.resourceVersion }, status: diff }, 'status');
  }

  async #patch(
    object: FlexMetalServerWithoutSpec,
    patch: Readonly<Record<string, unknown>>,
    subresource?: 'status',
  ): Promise<WriteOutcome> {
    const { namespace, name } = object;
    const result = await this.#client.mergePatch(
      FLEXMETALSERVERS,
      { namespace, name },
      patch,
      subresource === undefined ? {} : { subresource },
    );
    if (result.kind === 'ok' && result.object.metadata.uid === object.uid) {
      this.#ownWrites.remember(result.object);
      if (subresource === 'status') this.#onStatus(patch['status'], result.object['status']);
    }
    return outcomeOf(result, object);
  }
}

function outcomeOf(result: ObjectResult, before: FlexMetalServerWithoutSpec): WriteOutcome {
  switch (result.kind) {
    case 'ok': {
      const { object } = parseRaw(result.object);
      if (object === undefined || object.uid !== before.uid) return { kind: 'gone' };
      return { kind: 'written', object };
    }
    case 'notFound':
      return { kind: 'gone' };
    case 'conflict':
      return { kind: 'conflict' };
    case 'unavailable':
      return {
        kind: 'failed',
        message: `The Kubernetes API did not take a write (${result.cause}). It is tried again.`,
      };
    case 'alreadyExists':
    case 'invalid':
    case 'unauthorized':
    case 'forbidden':
    case 'gone':
      return { kind: 'failed', message: `The Kubernetes API refused a write of this object: ${result.message}` };
  }
}
