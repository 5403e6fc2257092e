import type { ServerUuid } from '../base/ids.ts';
import type { Instant, Monotonic } from '../base/time.ts';
import { listingOf } from '../core/model/listing.ts';
import type { ListOutcome } from '../core/model/outcomes.ts';
import type { ServerRecord } from '../core/model/server-record.ts';
import type { PageOutcome } from './classify.ts';

/** A page with the moment at which it was asked for. */
export type AskedPage = PageOutcome & { readonly askedAt: Monotonic };

export interface ListingOptions {
  /** Asks for rows from `start`, at most `results` of them. */
  readonly fetchPage: (range: { readonly start: number; readonly results: number }) => Promise<AskedPage>;
  readonly pageSize: number;
  readonly pagesMax: number;
  readonly monotonic: () => Monotonic;
}

/** What the API gives when nobody asks for a size; a maximum below its own default would make no sense. */
const DEFAULT_RESULTS = 25;
/** Rows of the page before that are asked for again: so many servers may leave the list between two pages without a gap. */
const OVERLAP_MAX = 5;

/**
 * Reads the whole list, or says that it could not be proven whole.
 *
 * Order, end and largest page are not documented, so the proof is this: each page begins a few rows before the end of the one before and must
 * contain one of these rows, else the list moved and rows may have been skipped; the last page is shorter than a page that the API is known
 * to give, or brings nothing but those rows. One page that cannot be read, one server without a readable uuid or tags, the page cap, or
 * a page that repeats (the header is ignored) proves nothing.
 */
export async function readListing(options: ListingOptions): Promise<ListOutcome> {
  // One row is asked for twice, so a page of one would never get on.
  const results = Math.max(2, options.pageSize);
  const overlap = Math.min(OVERLAP_MAX, results - 1);
  const servers = new Map<ServerUuid, ServerRecord>();
  let begun: { readonly at: Monotonic; readonly apiDate: Instant | undefined } | undefined;
  let seam: readonly ServerUuid[] = [];
  let largest = Math.min(results, DEFAULT_RESULTS);
  let start = 0;

  for (let page = 1; page <= options.pagesMax; page += 1) {
    const asked = await options.fetchPage({ start, results });
    if (asked.kind === 'unreadable') return { kind: 'unreadable', failure: asked.failure };
    begun ??= { at: asked.askedAt, apiDate: asked.apiDate };

    const read = recordsOf(asked);
    if (read.kind === 'incomplete') return read;
    if (page > 1 && !read.records.some(({ uuid }) => seam.includes(uuid))) return incomplete(MOVED);

    const known = servers.size;
    for (const record of read.records) servers.set(record.uuid, record);
    const count = read.records.length;
    if (count < largest || (page > 1 && count <= seam.length && servers.size === known)) {
      const when = { begunAt: begun.at, endedAt: options.monotonic(), apiDate: begun.apiDate };
      return { kind: 'complete', listing: listingOf([...servers.values()], when) };
    }
    if (servers.size === known) return incomplete(REPEATS);

    largest = Math.max(largest, Math.min(count, results));
    seam = read.records.slice(-overlap).map(({ uuid }) => uuid);
    start += count - seam.length;
  }
  return incomplete(
    `the list of servers did not end within ${options.pagesMax} pages of ${results}: raise the setting pagesMax`,
  );
}

const MOVED = 'the list of servers moved while it was read, so servers may have been skipped';
const REPEATS = 'the FlexMetal API gave the same servers again instead of the next page';

type Records = { readonly kind: 'records'; readonly records: readonly ServerRecord[] } | Incomplete;
type Incomplete = Extract<ListOutcome, { kind: 'incomplete' }>;

function recordsOf({ readings }: Extract<AskedPage, { kind: 'page' }>): Records {
  const records: ServerRecord[] = [];
  for (const reading of readings) {
    if (reading.kind === 'unreadable')
      return incomplete('the list holds a server without a readable uuid; it could be ours');
    if (!reading.tagsReadable) {
      return incomplete(`the tags of server ${reading.server.uuid} cannot be read; it could be ours`);
    }
    records.push(reading.server);
  }
  return { kind: 'records', records };
}

const incomplete = (message: string): Incomplete => ({ kind: 'incomplete', message });
