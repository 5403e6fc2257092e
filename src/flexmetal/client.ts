import type { Clock } from '../base/clock.ts';
import type { ServerUuid } from '../base/ids.ts';
import type { Secret } from '../base/secret.ts';
import type { Millis, Monotonic } from '../base/time.ts';
import { elapsed, seconds } from '../base/time.ts';
import type { Account } from '../core/model/ledger.ts';
import type { OrderRequest } from '../core/model/order-request.ts';
import type {
  CreateOutcome,
  ListOutcome,
  ReadFailure,
  ReadOutcome,
  ReleaseOutcome,
  TagOutcome,
} from '../core/model/outcomes.ts';
import type { AccountFact } from '../core/model/snapshot.ts';
import type { Grant, Priority, RateBudget } from './budget.ts';
import type { PageOutcome, Reading } from './classify.ts';
import { classifyCreate, classifyPage, classifyRead, classifyRelease, classifyTag, isCredentials } from './classify.ts';
import type { AskedPage } from './listing.ts';
import { readListing } from './listing.ts';
import { isUsedUp } from './quota.ts';
import { retryAfterOf } from './reply-headers.ts';
import { cleanOf } from './text.ts';
import type { TokenSource } from './token-source.ts';
import { fingerprint } from './token-source.ts';
import type { FlexMetalTransport, HttpRequest, HttpResult, OpenConnection } from './transport.ts';
import { orderBody, parseBody, readQuotas } from './wire.ts';

export interface FlexMetalClientOptions {
  readonly transport: FlexMetalTransport;
  readonly tokens: TokenSource;
  readonly budget: RateBudget;
  readonly clock: Clock;
  /** As `parseBaseUrl` gives it. For the account only; the transport knows its own way. */
  readonly baseUrl: string;
  /** Of the token's fingerprint in ledgers: the same as long as the ledgers live. */
  readonly salt: string;
  readonly userAgent: string;
  /** Rows asked for in one page of a listing. */
  readonly pageSize: number;
  readonly pagesMax: number;
  /** Total time for one call that is no order. */
  readonly requestTimeout?: Millis;
  /** Total time for an order; the vendor's own client found 90 s too short. */
  readonly orderTimeout?: Millis;
  readonly onCall?: (call: CallReport) => void;
}

/** One finished call, for metrics and logs. */
export interface CallReport {
  readonly route: Route;
  readonly method: HttpRequest['method'];
  readonly outcome: 'ok' | 'refused' | 'unclear' | 'notFound' | 'unreadable';
  readonly status?: number;
  readonly durationMs: number;
}

export type Route =
  | '/v3/flexMetal/servers'
  | '/v3/flexMetal/servers/{uuid}'
  | '/v3/flexMetal/servers/{uuid}/tag/{tag}'
  | '/v3/flexMetal/quota/usage';

/**
 * A call that costs money, ready to go: token read, budget granted, connected. What is checked right before `send` still holds when the
 * request is written, since `send` reaches the connection without waiting for anything.
 */
export interface OpenCall<Outcome> {
  readonly kind: 'open';
  /** Whose token the call carries. */
  readonly account: Account;
  /** Once. */
  send(): Promise<Outcome>;
  /** Gives the connection back unused. Safe at any time. */
  close(): void;
}

/** Nothing was sent in either case. */
export type NotOpened =
  | { readonly kind: 'notConnected'; readonly cause: string }
  /** No token or no budget. */
  | { readonly kind: 'denied'; readonly message: string; readonly retryAfter: Millis | undefined };

const REQUEST_TIMEOUT: Millis = seconds(30);
const ORDER_TIMEOUT: Millis = seconds(180);
/** The quota only explains a refusal; the refusal must not wait long for it. */
const QUOTA_TIMEOUT: Millis = seconds(10);
/** A 429 without a word on how long. */
const RATE_LIMITED_PAUSE: Millis = seconds(1);

const SERVERS = '/v3/flexMetal/servers';
const serverPath = (uuid: ServerUuid): string => `${SERVERS}/${uuid}`;
/** A colon may stand in a path, and some routers take `%3A` literally. */
const tagPath = (uuid: ServerUuid, tag: string): string =>
  `${serverPath(uuid)}/tag/${encodeURIComponent(tag).replaceAll('%3A', ':')}`;

/** Every kind of outcome that a call can have, and what the report calls it. */
interface Classified {
  readonly kind: keyof typeof REPORT;
}

interface Asked<T extends Classified> {
  readonly route: Route;
  readonly request: Omit<HttpRequest, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };
  readonly priority: Priority;
  readonly timeout: Millis;
  readonly classify: (result: HttpResult, reading: Reading) => T;
}

interface Session {
  readonly token: Secret;
  readonly account: Account;
}

/** The vendor's API with one token. Outcomes are values; nothing here throws for what the network or the API does. */
export class FlexMetalClient {
  readonly #options: FlexMetalClientOptions;
  readonly #requestTimeout: Millis;
  readonly #orderTimeout: Millis;

  constructor(options: FlexMetalClientOptions) {
    this.#options = options;
    this.#requestTimeout = options.requestTimeout ?? REQUEST_TIMEOUT;
    this.#orderTimeout = options.orderTimeout ?? ORDER_TIMEOUT;
  }

  /** All servers of the token, unfiltered. */
  listServers(priority: Priority): Promise<ListOutcome> {
    const { pageSize, pagesMax, clock } = this.#options;
    return readListing({
      pageSize,
      pagesMax,
      monotonic: () => clock.monotonic(),
      fetchPage: ({ start, results }) => this.#page(start, results, priority),
    });
  }

  getServer(uuid: ServerUuid, priority: Priority): Promise<ReadOutcome> {
    return this.#read({
      route: '/v3/flexMetal/servers/{uuid}',
      request: { method: 'GET', path: serverPath(uuid) },
      priority,
      timeout: this.#requestTimeout,
      classify: (result, reading) => classifyRead(result, uuid, reading),
    });
  }

  addTag(uuid: ServerUuid, tag: string): Promise<TagOutcome> {
    return this.#changeTag('POST', uuid, tag);
  }

  removeTag(uuid: ServerUuid, tag: string): Promise<TagOutcome> {
    return this.#changeTag('DELETE', uuid, tag);
  }

  /** Gets everything ready for one order. */
  async openOrder(order: OrderRequest): Promise<OpenCall<CreateOutcome> | NotOpened> {
    const session = await this.#session();
    if (session.kind === 'unreadable') return denied(session.message);
    const secrets = [...order.os.kernelParams.map(({ value }) => value), order.postInstallScript, session.token];
    const opened = await this.#open<CreateOutcome>(session, {
      route: '/v3/flexMetal/servers',
      request: { method: 'POST', path: SERVERS, body: orderBody(order) },
      priority: 'order',
      timeout: this.#orderTimeout,
      classify: (result, { now }) =>
        classifyCreate(result, { now, clean: cleanOf(secrets.filter((secret) => secret !== undefined)) }),
    });
    if (opened.kind !== 'open') return opened;
    return { ...opened, send: () => opened.send().then((outcome) => this.#explain(outcome, order)) };
  }

  /** Gets everything ready for the release of one server. */
  async openRelease(uuid: ServerUuid): Promise<OpenCall<ReleaseOutcome> | NotOpened> {
    const session = await this.#session();
    if (session.kind === 'unreadable') return denied(session.message);
    return this.#open(session, {
      route: '/v3/flexMetal/servers/{uuid}',
      request: { method: 'DELETE', path: serverPath(uuid) },
      priority: 'release',
      timeout: this.#requestTimeout,
      classify: (result, reading) => classifyRelease(result, uuid, reading),
    });
  }

  /** The account of the token of this moment. Asks nobody but the token's file. */
  async account(): Promise<AccountFact> {
    const session = await this.#session();
    return session.kind === 'unreadable' ? session : { kind: 'known', account: session.account };
  }

  async #page(start: number, results: number, priority: Priority): Promise<AskedPage> {
    let askedAt = this.#options.clock.monotonic();
    const page = await this.#read<PageOutcome>(
      {
        route: '/v3/flexMetal/servers',
        request: {
          method: 'GET',
          path: SERVERS,
          headers: { 'ranged-data': `start=${start},results=${results}` },
        },
        priority,
        timeout: this.#requestTimeout,
        classify: classifyPage,
      },
      () => (askedAt = this.#options.clock.monotonic()),
    );
    return { ...page, askedAt };
  }

  async #changeTag(method: 'POST' | 'DELETE', uuid: ServerUuid, tag: string): Promise<TagOutcome> {
    const session = await this.#session();
    if (session.kind === 'unreadable') {
      return { kind: 'refused', refusal: { class: 'credentials', message: session.message } };
    }
    const asked: Asked<TagOutcome> = {
      route: '/v3/flexMetal/servers/{uuid}/tag/{tag}',
      request: { method, path: tagPath(uuid, tag) },
      priority: 'settle',
      timeout: this.#requestTimeout,
      classify: (result, reading) => classifyTag(result, uuid, reading),
    };
    const grant = await this.#options.budget.acquire(asked.priority, { timeout: asked.timeout });
    if (grant.kind === 'denied')
      return { kind: 'unclear', cause: 'not sent: ' + grantCause(grant), retryAfter: grant.retryAfter };
    return (await this.#exchange(asked, session)).outcome;
  }

  /**
   * A call that may be repeated: sent once more when the token was refused and the file holds another by now.
   * `onSend` runs right before each request.
   */
  async #read<T extends Classified>(asked: Asked<T>, onSend?: () => void): Promise<T | Unreadable> {
    const first = await this.#session();
    if (first.kind === 'unreadable') return tokenFailure(first.message);
    const grant = await this.#options.budget.acquire(asked.priority, { timeout: asked.timeout });
    if (grant.kind === 'denied') return budgetFailure(grant);
    onSend?.();
    const { outcome, status } = await this.#exchange(asked, first);
    if (status === undefined || !isCredentials(status)) return outcome;

    const second = await this.#session();
    if (second.kind === 'unreadable' || second.token.reveal() === first.token.reveal()) return outcome;
    const again = await this.#options.budget.acquire(asked.priority, { timeout: asked.timeout });
    if (again.kind === 'denied') return outcome;
    onSend?.();
    return (await this.#exchange(asked, second)).outcome;
  }

  async #exchange<T extends Classified>(
    asked: Asked<T>,
    session: Session,
  ): Promise<{ readonly outcome: T; readonly status: number | undefined }> {
    const sentAt = this.#options.clock.monotonic();
    const result = await this.#options.transport.send(this.#requestOf(asked, session), { timeout: asked.timeout });
    const outcome = this.#finish(asked, session, result, sentAt);
    return { outcome, status: result.kind === 'reply' ? result.status : undefined };
  }

  async #open<T extends Classified>(session: Session, asked: Asked<T>): Promise<OpenCall<T> | NotOpened> {
    const { budget, transport } = this.#options;
    const grant = await budget.acquire(asked.priority, { timeout: this.#requestTimeout });
    if (grant.kind === 'denied') return denied(`not sent: ${grantCause(grant)}`, grant.retryAfter);
    const connection = await transport.connect({ timeout: this.#requestTimeout });
    if ('kind' in connection) return { kind: 'notConnected', cause: connection.cause };
    return this.#openCall(connection, session, asked);
  }

  #openCall<T extends Classified>(connection: OpenConnection, session: Session, asked: Asked<T>): OpenCall<T> {
    const request = this.#requestOf(asked, session);
    let isSent = false;
    return {
      kind: 'open',
      account: session.account,
      send: () => {
        if (isSent) throw new Error('this call was sent already');
        isSent = true;
        const sentAt = this.#options.clock.monotonic();
        return connection
          .send(request, { timeout: asked.timeout })
          .then((result) => this.#finish(asked, session, result, sentAt))
          .finally(() => connection.close());
      },
      close: () => connection.close(),
    };
  }

  #requestOf({ request }: Asked<Classified>, { token }: Session): HttpRequest {
    return {
      ...request,
      headers: {
        accept: 'application/json',
        // The vendor's own client sends it on every call, also without a body.
        'content-type': 'application/json',
        'user-agent': this.#options.userAgent,
        ...request.headers,
        'private-token': token.reveal(),
      },
    };
  }

  /** What every reply leads to: pauses, a fresh token, a report. */
  #finish<T extends Classified>(asked: Asked<T>, session: Session, result: HttpResult, sentAt: Monotonic): T {
    const { clock, budget, tokens, onCall } = this.#options;
    const now = clock.now();
    if (result.kind === 'reply') {
      if (isCredentials(result.status)) tokens.refresh();
      if (result.status === 429) budget.pause(retryAfterOf(result, now) ?? RATE_LIMITED_PAUSE);
      if (result.status === 503) budget.pause(retryAfterOf(result, now) ?? seconds(0));
    }
    const outcome = asked.classify(result, { now, clean: cleanOf([session.token]) });
    onCall?.({
      route: asked.route,
      method: asked.request.method,
      outcome: REPORT[outcome.kind],
      ...(result.kind === 'reply' ? { status: result.status } : {}),
      durationMs: elapsed(sentAt, clock.monotonic()),
    });
    return outcome;
  }

  /** "Invalid" may mean that a quota is used up: no error code for that is documented, so the quota itself is asked. */
  async #explain(outcome: CreateOutcome, order: OrderRequest): Promise<CreateOutcome> {
    if (outcome.kind !== 'refused' || outcome.refusal.class !== 'invalid') return outcome;
    const quotas = await this.#read({
      route: '/v3/flexMetal/quota/usage',
      request: { method: 'GET', path: '/v3/flexMetal/quota/usage' },
      priority: 'order',
      timeout: QUOTA_TIMEOUT,
      classify: (result) =>
        result.kind === 'reply' && result.status === 200
          ? { kind: 'quotas' as const, quotas: readQuotas(parseBody(result.body)) }
          : { kind: 'unknown' as const },
    });
    if (quotas.kind !== 'quotas' || !isUsedUp(order, quotas.quotas)) return outcome;
    return { kind: 'refused', refusal: { ...outcome.refusal, class: 'quota' } };
  }

  async #session(): Promise<
    ({ readonly kind: 'session' } & Session) | { readonly kind: 'unreadable'; readonly message: string }
  > {
    const { tokens, baseUrl, salt } = this.#options;
    const read = await tokens.current();
    if (read.kind === 'unreadable') return read;
    return {
      kind: 'session',
      token: read.token,
      account: { baseUrl, tokenFingerprint: fingerprint(salt, read.token) },
    };
  }
}

type Unreadable = { readonly kind: 'unreadable'; readonly failure: ReadFailure };
type Denied = Extract<Grant, { kind: 'denied' }>;

const tokenFailure = (message: string): Unreadable => ({
  kind: 'unreadable',
  failure: { kind: 'credentials', message },
});
const budgetFailure = (grant: Denied): Unreadable => ({
  kind: 'unreadable',
  failure: { kind: 'rateLimited', message: `not asked: ${grantCause(grant)}`, retryAfter: grant.retryAfter },
});
const denied = (message: string, retryAfter?: Millis): NotOpened => ({ kind: 'denied', message, retryAfter });

const GRANT_CAUSE = {
  busy: 'too many calls wait for the request budget',
  full: 'too many calls wait for the request budget',
  paused: 'the FlexMetal API asked us to wait',
  aborted: 'stopped while waiting for the request budget',
} as const satisfies Record<Denied['cause'], string>;

const grantCause = ({ cause }: Denied): string => GRANT_CAUSE[cause];

const REPORT = {
  created: 'ok',
  accepted: 'ok',
  applied: 'ok',
  present: 'ok',
  page: 'ok',
  quotas: 'ok',
  refused: 'refused',
  notFound: 'notFound',
  unclear: 'unclear',
  unreadable: 'unreadable',
  unknown: 'unreadable',
} as const satisfies Record<string, CallReport['outcome']>;
