import * as z from 'zod';

/** The shape of spec and status. */
export const KernelParam = z.object({
  key: z.string(),
  value: z.string().optional(),
  valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }).optional(), configMapKeyRef: z.object({ name: z.string(), key: z.string() }).optional() }).optional(),
});
export const FlexMetalServerSpec = z.object({
  name: z.string().optional(),
  location: z.string(),
  instanceType: z.string(),
  os: z.object({
    slug: z.string(),
    kernelParams: z.array(KernelParam).optional(),
    partitions: z.array(z.object({ target: z.string(), filesystem: z.enum(['ext2', 'ext3', 'ext4', 'xfs']), sizeMB: z.int().optional(), grow: z.boolean().optional() })).optional(),
    ipxeScriptUrl: z.string().optional(),
  }),
  sshKeys: z.array(z.object({ publicKey: z.string().optional(), uuid: z.string().optional(), secretKeyRef: z.object({ name: z.string(), key: z.string() }).optional(), configMapKeyRef: z.object({ name: z.string(), key: z.string() }).optional() })).optional(),
  postInstallScript: z.object({ inline: z.string().optional(), secretKeyRef: z.object({ name: z.string(), key: z.string() }).optional(), configMapKeyRef: z.object({ name: z.string(), key: z.string() }).optional() }).optional(),
  tags: z.array(z.string()).optional(),
  contractId: z.string().optional(),
  overflow: z.boolean().optional(),
  deletionPolicy: z.enum(['Release', 'Retain']).default('Release'),
  deletionProtection: z.boolean().optional(),
  provisioningTimeout: z.string().default('45m'),
});
export const Condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string(),
  observedGeneration: z.int().optional(),
});
/** One ledger entry: status.order holds it, and the annotation `order` holds the same as JSON. Written before money is spent. */
export const LedgerEntry = z.object({
  objectUid: z.string(),
  attempt: z.string(),
  attempts: z.int(),
  /** Counts the writes of this ledger: of two copies the higher one is the newer. */
  revision: z.int(),
  specHash: z.string(),
  requestedAt: z.string(),
  holder: z.string(),
  account: z.object({ baseUrl: z.string(), tokenFingerprint: z.string() }),
  /** open | created | refused | withdrawn | absent | lost | forgotten */
  outcome: z.string(),
  /** With refused: the class and the vendor's words. */
  refusal: z.object({ class: z.string(), message: z.string() }).optional(),
  settledAt: z.string().optional(),
  serverUuid: z.string().optional(),
  /** How the uuid was learned: reply | settled | found | adopted. */
  proof: z.string().optional(),
  /** True once an attempt of this object had no clear answer: its deletion then needs a listing. */
  everUnclear: z.boolean().optional(),
  /** Servers that a person allowed to be released by `resolve: release=<uuid>`. */
  releases: z.array(z.string()).optional(),
  /** Servers with our uid tag that a person told the operator to leave alone by `resolve: forget=<uuid>`. */
  forgotten: z.array(z.string()).optional(),
  /** Answers (annotation resolve) that were acted on already, newest last. */
  answered: z.array(z.string()).optional(),
});
export const FlexMetalServerStatus = z.object({
  observedGeneration: z.int().optional(),
  phase: z.string().optional(),
  conditions: z.array(Condition).optional(),
  serverUuid: z.string().optional(),
  providerID: z.string().optional(),
  deliveryStatus: z.string().optional(),
  statusMessage: z.string().optional(),
  addresses: z.array(z.object({ type: z.enum(['InternalIP', 'ExternalIP']), address: z.string() })).optional(),
  order: LedgerEntry.optional(),
  timeline: z.array(z.object({ step: z.string(), at: z.string() })).optional(),
  placement: z.object({ location: z.string().optional(), instanceType: z.string().optional(), contractId: z.string().optional() }).optional(),
  appliedTags: z.array(z.string()).optional(),
  lastObservedTime: z.string().optional(),
});
export type FlexMetalServerSpec = z.infer<typeof FlexMetalServerSpec>;
export type FlexMetalServerStatus = z.infer<typeof FlexMetalServerStatus>;
export type LedgerEntry = z.infer<typeof LedgerEntry>;
export type Condition = z.infer<typeof Condition>;
