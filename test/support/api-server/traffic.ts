import type { KindName } from './kind.ts';
import type { Verb } from './route.ts';

/** One sort of request, and how often it came. */
export interface TrafficRow {
  readonly client: string;
  readonly verb: Verb;
  readonly resource: KindName;
  readonly endpoint: 'main' | 'status';
  /** Requests that arrived. */
  readonly requests: number;
  /** Those that changed something. */
  readonly changes: number;
}

export type TrafficFilter = Partial<Pick<TrafficRow, 'client' | 'verb' | 'resource' | 'endpoint'>>;

/** Counts what arrives at the server, by client and resource. */
export class Traffic {
  readonly #rows = new Map<string, { row: TrafficRow }>();

  count(row: Omit<TrafficRow, 'requests' | 'changes'>, changed: boolean): void {
    const id = `${row.client} ${row.verb} ${row.resource} ${row.endpoint}`;
    const was = this.#rows.get(id) ?? { row: { ...row, requests: 0, changes: 0 } };
    was.row = { ...was.row, requests: was.row.requests + 1, changes: was.row.changes + (changed ? 1 : 0) };
    this.#rows.set(id, was);
  }

  rows(filter: TrafficFilter = {}): readonly TrafficRow[] {
    return [...this.#rows.values()]
      .map(({ row }) => row)
      .filter((row) => filter.client === undefined || row.client === filter.client)
      .filter((row) => filter.verb === undefined || row.verb === filter.verb)
      .filter((row) => filter.resource === undefined || row.resource === filter.resource)
      .filter((row) => filter.endpoint === undefined || row.endpoint === filter.endpoint);
  }

  /** Requests that try to change something, carried out or not. */
  writes(filter: TrafficFilter = {}): number {
    return this.rows(filter)
      .filter(({ verb }) => verb !== 'get' && verb !== 'list' && verb !== 'watch')
      .reduce((sum, { requests }) => sum + requests, 0);
  }

  /** Objects changed. */
  changes(filter: TrafficFilter = {}): number {
    return this.rows(filter).reduce((sum, { changes }) => sum + changes, 0);
  }
}
