/**
 * The largest sizes that the CRD takes, in characters (Unicode code points) or items.
 * Whoever writes status clips to these first: one text that is too long would make the API server refuse the whole status.
 */
export const BOUNDS = {
  /** spec.name, and the vendor's name of a server. */
  hostName: 253,
  /** A location or an instance type, by the vendor's name. */
  vendorName: 128,
  slug: 64,
  kernelParams: 32,
  kernelParamKey: 128,
  kernelParamValue: 4096,
  partitions: 16,
  partitionTarget: 255,
  /** 1 PB in MB: beyond any disk, and safe as a 32-bit integer. */
  partitionSizeMB: 1_000_000_000,
  url: 2048,
  sshKeys: 20,
  /** An RSA key of 16384 bits with a comment fits. */
  publicKey: 4096,
  script: 65_536,
  /** In spec: the vendor takes 60 per server, and five are the operator's. */
  specTags: 55,
  /** In status: everything the vendor takes. */
  tags: 60,
  tag: 64,
  contractId: 240,
  duration: 16,
  /** Name of a Secret or ConfigMap, and of a key in it. */
  referenceName: 253,

  conditions: 16,
  conditionType: 64,
  reason: 64,
  /** A condition's message. */
  message: 2048,
  time: 64,
  phase: 32,
  /** The vendor's status word. */
  deliveryStatus: 64,
  statusMessage: 1024,
  providerId: 128,
  addresses: 16,
  address: 64,
  timeline: 20,
  timelineStep: 64,

  objectUid: 64,
  attempt: 16,
  specHash: 64,
  holder: 253,
  tokenFingerprint: 64,
  refusalMessage: 1024,
  releases: 100,
  answered: 20,
  /** An answer in the annotation `resolve`, for instance `adopt=<uuid>`. */
  answer: 128,
} as const;

/** Cuts a text to `max` code points; a cut text ends in `…`. */
export function clip(text: string, max: number): string {
  // No text has more code points than UTF-16 units, so a short one needs no counting.
  if (text.length <= max) return text;
  const points = Array.from(text.slice(0, 2 * (max + 1)));
  return points.length <= max ? text : `${points.slice(0, max - 1).join('')}…`;
}
