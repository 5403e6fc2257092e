import type { ServerUuid } from '../../base/ids.ts';
import type { Instant } from '../../base/time.ts';

/** One server as the vendor described it, in our words. Every text is clipped to the bounds of the CRD's status before it gets here. */
export interface ServerRecord {
  readonly uuid: ServerUuid;
  readonly name: string;
  /** The vendor's word, as sent. An open set: an unknown word is shown, never guessed. */
  readonly status: string;
  /** Empty when there is none. */
  readonly statusMessage: string;
  /** Names, as sent; compare with `sameName`, since the vendor changes case and blanks. */
  readonly location: string;
  readonly instanceType: string;
  readonly osSlug: string;
  /** Bare addresses without a prefix length, in the vendor's order; texts that are no IP address are left out. */
  readonly addresses: readonly string[];
  readonly tags: readonly string[];
  /** By the vendor's clock. */
  readonly createdAt: Instant | undefined;
  readonly deliveredAt: Instant | undefined;
  readonly releasedAt: Instant | undefined;
  readonly contractId: string;
}

/** What a status word means for ownership and money. */
export type Liveness =
  /** Ordered, being delivered, delivered, or a word we do not know: it may cost money. */
  | 'live'
  /** On its way out. */
  | 'releasing'
  /** Will not be delivered; the vendor has no way to release it. */
  | 'failed'
  /** Over. */
  | 'released';

export function livenessOf(server: ServerRecord): Liveness {
  const word = server.status.trim().toLowerCase();
  if (word === 'failed' || word === 'releasing' || word === 'released') return word;
  return 'live';
}

/** The vendor says that the machine is handed over. */
export const isDelivered = (server: ServerRecord): boolean => server.status.trim().toLowerCase() === 'delivered';

/** The vendor normalises case and blanks of names (location, instance type, host name), so we compare without them. */
export const sameName = (left: string, right: string): boolean => normalName(left) === normalName(right);

const normalName = (name: string): string => name.trim().replaceAll(/\s+/g, ' ').toLowerCase();
