/** What one soak found. Written as JSON; docs/soak.json is one of these. */
export interface SoakResult {
  /** `2026-11-25` */
  readonly date: string;
  /** Of the checkout, short; `unknown` outside of one. */
  readonly commit: string;
  readonly node: string;
  readonly machine: { readonly cores: number; readonly cpu: string; readonly memoryGiB: number };
  /** Over the last fifteen minutes, at the end: more than the cores means that others were at work as well. */
  readonly loadAverage: number;
  readonly options: {
    readonly minutes: number;
    readonly objects: number;
    readonly seed: number;
    /** The operator's program, as it was named. */
    readonly operator: string;
  };
  readonly tookSeconds: number;
  /** True when no promise is broken. */
  readonly passed: boolean;
  readonly promises: readonly PromiseKept[];
  readonly trends: readonly Trend[];
  /** One process without objects: the first one before anything is created, the last one after all is deleted. */
  readonly atRest: { readonly first: Rest; readonly last: Rest };
  /** What came after the storm. */
  readonly calm: {
    /** From the end of the storm until every object was at rest, and from then until all were deleted and gone. */
    readonly restAfterSeconds: number;
    readonly goneAfterSeconds: number;
    /** Objects at rest, by the reason of their condition Ready. */
    readonly atRest: Counts;
  };
  /** The storm, counted. */
  readonly did: {
    /** What users did, by act. */
    readonly users: Counts;
    /** Requests at the vendor that went wrong, by fault. */
    readonly vendorFaults: Counts;
    /** What else was broken: operator, API server, connections, token. */
    readonly breakages: Counts;
  };
  readonly traffic: {
    readonly objectsEver: number;
    /** Orders that arrived at the vendor, and servers that came of them. */
    readonly orders: number;
    readonly servers: number;
    readonly serversLiveMost: number;
    readonly vendorCallsPerMinute: number;
    readonly kubeCallsPerMinute: number;
    /** From the DELETE of an object until its server is on its way out, the longest; undefined: none was released. */
    readonly longestPaidAfterDeleteSeconds: number | undefined;
  };
  /** Means over a minute each, for a plot. Of whatever process ran. */
  readonly minutes: readonly Minute[];
}

type Counts = Readonly<Record<string, number>>;

export interface PromiseKept {
  readonly promise: string;
  /** How often it was put to the test. */
  readonly checked: number;
  /** A sentence for each time that it was broken; at most twenty. */
  readonly broken: readonly string[];
}

/** How one number moved while the longest process ran, its first minutes left out. */
export interface Trend {
  readonly what: string;
  readonly unit: string;
  readonly mean: number;
  readonly most: number;
  /** Units an hour, with its 95 % confidence interval. */
  readonly slopePerHour: number;
  readonly low: number;
  readonly high: number;
  /** A slope up to this counts as flat, whatever its interval. */
  readonly boundPerHour: number;
  /** tooShort: fewer blocks than a line can be laid through. */
  readonly verdict: 'flat' | 'growing' | 'tooShort';
  /** Minutes that were looked at, and the blocks they were cut into. */
  readonly minutes: number;
  readonly blocks: number;
}

export interface Rest {
  readonly rssMiB: number;
  /** After a full collection of garbage. */
  readonly heapMiB: number;
  readonly fileDescriptors: number;
  readonly sockets: number;
  readonly timers: number;
}

export interface Minute {
  /** Minutes since the start. */
  readonly at: number;
  readonly phase: string;
  /** Which process of the operator, counted from 1. */
  readonly process: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  /** The heap after a full collection of garbage; 0: there was none yet. */
  readonly collectedMiB: number;
  readonly fileDescriptors: number;
  readonly sockets: number;
  readonly timers: number;
  readonly lagMs: number;
  readonly queued: number;
  readonly objects: number;
}
