import type { ServerUuid } from '../base/ids.ts';
import type { Instant, Millis } from '../base/time.ts';
import { addMillis, instant, millis } from '../base/time.ts';
import { Agenda } from './agenda.ts';
import type { InstanceType, Location } from './catalogue.ts';
import { normalName } from './catalogue.ts';
import type { WorldConfig } from './config.ts';
import { Draws } from './draws.ts';
import { FaultPlan } from './faults.ts';
import type { Fault } from './faults.ts';
import type { Cause } from './history.ts';
import { History } from './history.ts';
import type { Operation } from './operations.ts';
import type { Answer } from './replies.ts';
import { uuidAt } from './uuid.ts';

/** One server. Never changed in place: a change puts a new row in its place, so that copies of the world may share rows. */
export interface ServerRow {
  readonly uuid: ServerUuid;
  readonly account: string;
  readonly name: string;
  readonly location: Location;
  readonly instanceType: InstanceType;
  readonly osSlug: string;
  readonly status: string;
  readonly statusMessage: string;
  readonly addresses: readonly string[];
  readonly tags: readonly string[];
  /** Every tag that was ever on it, for those who look back. */
  readonly tagsEver: readonly string[];
  /** Empty: on demand. */
  readonly contractId: string;
  readonly orderedAt: Instant;
  readonly deliveredAt: Instant | undefined;
  readonly releasingAt: Instant | undefined;
  readonly releasedAt: Instant | undefined;
  readonly failedAt: Instant | undefined;
  readonly orderedBy: string;
  readonly releasedBy: Cause | undefined;
  /** Counts the courses that the server was set on: steps of an older course are void. */
  readonly course: number;
}

/** A stored key. */
export interface SshKeyRow {
  readonly uuid: string;
  readonly name: string;
  readonly publicKey: string;
  readonly createdAt: Instant;
}

export interface AccountState {
  /** Tags that the account knows, whether on a server or not. */
  readonly tags: Set<string>;
  readonly sshKeys: Map<string, SshKeyRow>;
}

export interface TokenRow {
  readonly account: string;
  readonly expiresAt: Instant | undefined;
}

export interface Step {
  readonly status: string;
  /** Since the step before it. */
  readonly after: Millis;
  readonly message: string;
  /** Delivered without addresses. */
  readonly bare: boolean;
}

/** A request that takes effect later, and the answer to it once it has. */
export interface LateAnswer {
  readonly requestId: string;
  readonly dueAt: Instant;
  readonly fault: Fault;
  readonly answer: Answer | undefined;
}

/** What happens in the world by itself. */
export type WorldEvent =
  | {
      readonly kind: 'step';
      readonly uuid: ServerUuid;
      readonly course: number;
      readonly steps: readonly Step[];
      readonly cause: Cause;
    }
  | { readonly kind: 'addresses'; readonly uuid: ServerUuid; readonly course: number }
  | { readonly kind: 'commit'; readonly requestId: string; readonly run: (state: WorldState, at: Instant) => Answer };

/** Everything that a world knows. Shared by the operations; only they and world.ts touch it. */
export class WorldState {
  readonly config: WorldConfig;
  readonly startedAt: Instant;
  now: Instant;
  timeScale: number;
  servers: Map<ServerUuid, ServerRow>;
  accounts: Map<string, AccountState>;
  tokens: Map<string, TokenRow>;
  stock: Map<string, number>;
  agenda: Agenda<WorldEvent>;
  history: History;
  faults: FaultPlan;
  faultDraws: Draws;
  delayDraws: Draws;
  calls: Map<Operation | 'other', number>;
  /** By ticket, until somebody collects them. */
  late: Map<string, LateAnswer>;
  requests = 0;
  uuids = 0;
  addresses = 0;

  constructor(config: WorldConfig, startedAt: Instant) {
    this.config = config;
    this.startedAt = startedAt;
    this.now = startedAt;
    this.timeScale = config.timeScale;
    this.servers = new Map();
    this.accounts = new Map();
    this.tokens = new Map(
      config.tokens.map(({ token, account, expiresAfter }) => [
        token,
        { account, expiresAt: expiresAfter === undefined ? undefined : addMillis(startedAt, expiresAfter) },
      ]),
    );
    this.stock = new Map(config.stock.map((entry) => [placeKey(entry.location, entry.instanceType), entry.count]));
    this.agenda = new Agenda();
    this.history = new History();
    this.faults = new FaultPlan();
    for (const rule of config.faults) this.faults.add(rule);
    this.faultDraws = new Draws(config.seed ^ 0x0fa017);
    this.delayDraws = new Draws(config.seed ^ 0x0de1a7);
    this.calls = new Map();
    this.late = new Map();
  }

  copy(): WorldState {
    const copy = new WorldState(this.config, this.startedAt);
    copy.now = this.now;
    copy.timeScale = this.timeScale;
    copy.servers = new Map(this.servers);
    copy.accounts = new Map(
      [...this.accounts].map(([name, { tags, sshKeys }]) => [name, { tags: new Set(tags), sshKeys: new Map(sshKeys) }]),
    );
    copy.tokens = new Map(this.tokens);
    copy.stock = new Map(this.stock);
    copy.agenda = this.agenda.copy();
    copy.history = this.history.copy();
    copy.faults = this.faults.copy();
    copy.faultDraws = this.faultDraws.copy();
    copy.delayDraws = this.delayDraws.copy();
    copy.calls = new Map(this.calls);
    copy.late = new Map(this.late);
    copy.requests = this.requests;
    copy.uuids = this.uuids;
    copy.addresses = this.addresses;
    return copy;
  }

  account(name: string): AccountState {
    const known = this.accounts.get(name);
    if (known !== undefined) return known;
    const fresh: AccountState = { tags: new Set(), sshKeys: new Map() };
    this.accounts.set(name, fresh);
    return fresh;
  }

  /** The API's own clock: what its records and its Date header say. */
  apiTime(at: Instant): Instant {
    const { ahead, behind } = this.config.clock;
    return instant(at + (ahead ?? 0) - (behind ?? 0));
  }

  newUuid(at: Instant): ServerUuid {
    return uuidAt(this.apiTime(at), this.config.seed, this.uuids++);
  }

  /** A delay as the time scale and the jitter make it. */
  stretched(length: Millis): Millis {
    return millis(Math.round(length / this.timeScale));
  }

  jittered(length: Millis, jitter: number): Millis {
    return jitter === 0 ? length : millis(length * (1 + jitter * (2 * this.delayDraws.next() - 1)));
  }
}

/** Names one type at one location, however they are spelt. */
export const placeKey = (location: string, instanceType: string): string =>
  `${normalName(location)}|${normalName(instanceType)}`;

/** A machine is taken from the order until it is released; the back end takes it back from a server that failed. */
export const holdsMachine = (row: ServerRow): boolean => row.releasedAt === undefined && row.failedAt === undefined;
