import * as z from 'zod';

/** What the demo shows of one FlexMetalServer, and judges by. */
export interface ServerView {
  readonly name: string;
  readonly uid: string;
  readonly ready: string;
  readonly reason: string;
  readonly message: string;
  /** The vendor's word; empty before the order. */
  readonly deliveryStatus: string;
  readonly instanceType: string;
  readonly location: string;
  readonly address: string;
  readonly serverUuid: string;
  readonly appliedTags: readonly string[];
  readonly deleting: boolean;
}

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
});

const Wire = z.object({
  metadata: z.object({ name: z.string(), uid: z.string(), deletionTimestamp: z.string().optional() }),
  spec: z.object({ instanceType: z.string(), location: z.string() }),
  status: z
    .object({
      conditions: z.array(Condition).default([]),
      deliveryStatus: z.string().default(''),
      serverUuid: z.string().default(''),
      addresses: z.array(z.object({ address: z.string() })).default([]),
      appliedTags: z.array(z.string()).default([]),
    })
    .prefault({}),
});

const List = z.object({ items: z.array(Wire) });

/** Reads a list of FlexMetalServers as the API server gives it, sorted by name. */
export function readServerViews(list: unknown): readonly ServerView[] {
  return List.parse(list)
    .items.map(viewOf)
    .sort((a, b) => a.name.localeCompare(b.name));
}

function viewOf({ metadata, spec, status }: z.infer<typeof Wire>): ServerView {
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  return {
    name: metadata.name,
    uid: metadata.uid,
    ready: ready?.status ?? 'Unknown',
    reason: ready?.reason ?? '',
    message: ready?.message ?? '',
    deliveryStatus: status.deliveryStatus,
    instanceType: spec.instanceType,
    location: spec.location,
    address: status.addresses[0]?.address ?? '',
    serverUuid: status.serverUuid,
    appliedTags: status.appliedTags,
    deleting: metadata.deletionTimestamp !== undefined,
  };
}
