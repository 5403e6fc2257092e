import * as z from 'zod';
import type { ObjectKey, ObjectUid } from '../../base/ids.ts';
import { objectKey, parseObjectUid } from '../../base/ids.ts';
import type { Instant } from '../../base/time.ts';
import { instant, parseInstant } from '../../base/time.ts';
import { ANNOTATION } from '../names.ts';
import { BOUNDS, clip } from './bounds.ts';
import type { FlexMetalServerStatus } from './schema.ts';
import { FlexMetalServerSpec, FlexMetalServerStatus as StatusSchema, LedgerEntry } from './schema.ts';

/**
 * One copy of the ledger entry, as found. `unreadable` is not `none`: something was written there, so an order may have been sent.
 */
export type LedgerCopy =
  | { readonly kind: 'none' }
  | { readonly kind: 'entry'; readonly entry: LedgerEntry }
  /** `text`: what stands there, clipped, for a message to a person. */
  | { readonly kind: 'unreadable'; readonly text: string };

/** Everything about an object that can be read even when its spec cannot: enough to release its servers and let it go. */
export interface FlexMetalServerWithoutSpec {
  readonly key: ObjectKey;
  readonly uid: ObjectUid;
  readonly namespace: string;
  readonly name: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly creationTimestamp: Instant;
  readonly deletionTimestamp?: Instant;
  readonly finalizers: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** What could be read of it; a broken field counts as absent. `order` is here too when it is readable. */
  readonly status: FlexMetalServerStatus;
  readonly statusLedger: LedgerCopy;
  readonly annotationLedger: LedgerCopy;
}

/** A FlexMetalServer as the operator works with it. */
export interface FlexMetalServer extends FlexMetalServerWithoutSpec {
  readonly spec: FlexMetalServerSpec;
}

export type ParsedFlexMetalServer =
  | { readonly kind: 'ok'; readonly object: FlexMetalServer }
  /** `object` is undefined only when not even the metadata is that of an object; `message` says what to do and is within the bounds of a condition. */
  | {
      readonly kind: 'invalid';
      readonly message: string;
      readonly object: FlexMetalServerWithoutSpec | undefined;
    };

/**
 * Reads what the API server sent. Every object that passes the CRD's own validation gives `ok`; one stored under an older CRD may not.
 * The spec is read strictly (an unknown field is refused, for it may change what is ordered), metadata and status leniently.
 */
export function parseFlexMetalServer(raw: unknown): ParsedFlexMetalServer {
  const envelope = Envelope.safeParse(raw);
  const uid = envelope.success ? parseObjectUid(envelope.data.metadata.uid) : undefined;
  if (!envelope.success || uid === undefined) {
    return {
      kind: 'invalid',
      message: 'This is no FlexMetalServer: its metadata cannot be read.',
      object: undefined,
    };
  }
  const object = withoutSpec(envelope.data, uid);
  const spec = FlexMetalServerSpec.safeParse(envelope.data.spec);
  if (!spec.success) return { kind: 'invalid', message: invalidSpec(spec.error), object };
  return { kind: 'ok', object: { ...object, spec: spec.data } };
}

const Metadata = z.object({
  namespace: z.string().min(1),
  name: z.string().min(1),
  uid: z.string(),
  generation: z.number().default(0),
  resourceVersion: z.string().default(''),
  creationTimestamp: z.string().default(''),
  deletionTimestamp: z.string().optional(),
  // Not lenient: unreadable annotations must not look like annotations without a ledger entry.
  finalizers: z.array(z.string()).default([]),
  annotations: z.record(z.string(), z.string()).default({}),
  labels: z.record(z.string(), z.string()).catch({}),
});
const Envelope = z.object({ metadata: Metadata, spec: z.unknown().optional(), status: z.unknown().optional() });
type Envelope = z.infer<typeof Envelope>;
const Fields = z.record(z.string(), z.unknown());
type Fields = z.infer<typeof Fields>;

function withoutSpec({ metadata, status }: Envelope, uid: ObjectUid): FlexMetalServerWithoutSpec {
  const { namespace, name, generation, resourceVersion, finalizers, labels, annotations, deletionTimestamp } = metadata;
  const fields = Fields.safeParse(status).data ?? {};
  return {
    key: objectKey(namespace, name),
    uid,
    namespace,
    name,
    generation,
    resourceVersion,
    creationTimestamp: timeOf(metadata.creationTimestamp),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp: timeOf(deletionTimestamp) }),
    finalizers,
    labels,
    annotations,
    status: lenientStatus(fields),
    statusLedger: ledgerCopy(fields['order']),
    annotationLedger: ledgerAnnotation(annotations[ANNOTATION.order]),
  };
}

/** A time that is there but cannot be read still counts as there: an object with any deletionTimestamp is being deleted. */
const timeOf = (text: string): Instant => parseInstant(text) ?? instant(0);

function lenientStatus(fields: Fields): FlexMetalServerStatus {
  const whole = StatusSchema.safeParse(fields);
  if (whole.success) return whole.data;
  const readable = Object.entries(StatusSchema.shape).filter(
    ([name, schema]) => schema.safeParse(fields[name]).success,
  );
  return StatusSchema.parse(Object.fromEntries(readable.map(([name]) => [name, fields[name]])));
}

function ledgerCopy(found: unknown): LedgerCopy {
  if (found === undefined || found === null) return { kind: 'none' };
  const entry = LedgerEntry.safeParse(found);
  if (entry.success) return { kind: 'entry', entry: entry.data };
  return {
    kind: 'unreadable',
    text: clip(typeof found === 'string' ? found : JSON.stringify(found), BOUNDS.message / 4),
  };
}

function ledgerAnnotation(text: string | undefined): LedgerCopy {
  if (text === undefined) return { kind: 'none' };
  const json = parseJson(text);
  // The JSON text `null` is no entry, but it is not nothing either: somebody wrote it.
  return json === undefined || json === null ? ledgerCopy(text) : ledgerCopy(json);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const PROBLEMS_MAX = 3;

function invalidSpec(error: z.ZodError): string {
  const problems = error.issues
    .slice(0, PROBLEMS_MAX)
    .map((issue) => `${['spec', ...issue.path].join('.')}: ${issue.message}`);
  return clip(
    `The spec cannot be used. ${problems.join('; ')}. Correct it and apply it again. The API server would have refused it if the installed CRD were the one of this version of the operator: install that too.`,
    BOUNDS.message,
  );
}
