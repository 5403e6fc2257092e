import type { ServerUuid } from '../base/ids.ts';
import type { Instant } from '../base/time.ts';
import type { Operation } from './operations.ts';

/** Who made something happen: a request, the delivery itself, or somebody through the admin endpoint. */
export type Cause =
  | { readonly kind: 'request'; readonly requestId: string }
  | { readonly kind: 'delivery' }
  | { readonly kind: 'admin' };

/** One thing that happened, in the order of happening. Times are the simulator's own, not the skewed clock of its API. */
export type HistoryEntry = { readonly seq: number; readonly at: Instant } & Happening;

export type Happening =
  /** A request that may change something arrived. `tags`, `name`: of an order, or the tag in the path. */
  | {
      readonly kind: 'request';
      readonly requestId: string;
      readonly operation: Operation;
      readonly account: string;
      readonly path: string;
      readonly name: string | undefined;
      readonly tags: readonly string[];
      readonly faultId: string | undefined;
      readonly commit: 'now' | 'never' | 'later';
    }
  /** A request took effect or was refused: the true status, whatever the caller was told. */
  | { readonly kind: 'answered'; readonly requestId: string; readonly operation: Operation; readonly status: number }
  | {
      readonly kind: 'ordered';
      readonly requestId: string;
      readonly uuid: ServerUuid;
      readonly account: string;
      readonly name: string;
      readonly location: string;
      readonly instanceType: string;
      readonly tags: readonly string[];
    }
  | {
      readonly kind: 'status';
      readonly uuid: ServerUuid;
      readonly from: string;
      readonly to: string;
      readonly cause: Cause;
    }
  | { readonly kind: 'addresses'; readonly uuid: ServerUuid; readonly addresses: readonly string[] }
  | { readonly kind: 'tags'; readonly uuid: ServerUuid; readonly tags: readonly string[]; readonly cause: Cause };

/** A run of a day may see millions of changes; the oldest are dropped beyond this, and counted. */
const ENTRIES_MAX = 1_000_000;
/** Dropping one by one would move the whole array each time. */
const DROP_AT_ONCE = 100_000;

/** What happened, oldest first. Reads that change nothing are counted elsewhere, not kept. */
export class History {
  #entries: HistoryEntry[];
  #seq: number;

  constructor(entries: readonly HistoryEntry[] = [], seq = 0) {
    this.#entries = [...entries];
    this.#seq = seq;
  }

  add(at: Instant, happening: Happening): void {
    if (this.#entries.length >= ENTRIES_MAX) this.#entries.splice(0, DROP_AT_ONCE);
    this.#entries.push({ seq: ++this.#seq, at, ...happening });
  }

  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  /** Entries that are no longer held. */
  get dropped(): number {
    return this.#seq - this.#entries.length;
  }

  copy(): History {
    return new History(this.#entries, this.#seq);
  }
}
