import type { Clock, Timer } from '../base/clock.ts';
import { elapsed, millis } from '../base/time.ts';
import type { Millis, Monotonic } from '../base/time.ts';
import type { Account } from '../core/model/ledger.ts';
import { sameAccount } from '../core/model/ledger.ts';
import type { Listing } from '../core/model/listing.ts';
import type { ListOutcome } from '../core/model/outcomes.ts';
import type { AccountFact, AccountView, ViewFailure } from '../core/model/snapshot.ts';

export interface PollerOptions {
  readonly clock: Clock;
  readonly list: () => Promise<ListOutcome>;
  /** Whose token listings are read with at this moment. */
  readonly account: () => Promise<AccountFact>;
  /** Rhythm while anything is in motion, and while nothing is. */
  readonly moving: Millis;
  readonly still: Millis;
  readonly isMoving: () => boolean;
  readonly continuedFrom: (listing: Listing, account: Account) => boolean;
  /** After every listing that was complete. */
  readonly onListing: (listing: Listing, previous: Listing | undefined) => void;
  /** After every listing that told nothing. */
  readonly onFailure: (failure: ViewFailure) => void;
  /** After every listing, however it ended. */
  readonly onDone?: (took: Millis) => void;
}

/**
 * The one reader of the account's server list: all objects are fed from it, so a thousand still servers cost no more than one.
 * Listings run one at a time; whoever needs one begun later than now waits for the next.
 */
export class Poller {
  readonly #options: PollerOptions;
  #run: readonly Listing[] = [];
  #failure: ViewFailure | undefined;
  #running: { readonly begunAt: Monotonic; readonly done: Promise<void> } | undefined;
  #timer: Timer | undefined;
  #stopped = true;
  #view: AccountView | undefined;
  #last: Listing | undefined;
  #account: Account | undefined;
  #endedAt: Monotonic | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
    void this.#list();
  }

  /** Begins no more listings; resolves when a running one has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running?.done;
  }

  view(): AccountView {
    this.#view ??= this.#makeView();
    return this.#view;
  }

  /** How long ago the newest complete listing began. */
  age(): Millis | undefined {
    const last = this.#last;
    return last === undefined ? undefined : elapsed(last.begunAt, this.#options.clock.monotonic());
  }

  /**
   * Waits for a listing begun after the given time, beginning one when none is.
   * @returns why it told nothing, or undefined when the view now has it
   */
  async begunAfter(time: Monotonic): Promise<string | undefined> {
    if (this.#running !== undefined && this.#running.begunAt <= time) await this.#running.done;
    if (this.#last !== undefined && this.#last.begunAt > time) return undefined;
    if (this.#stopped) return 'The operator is stopping.';
    await (this.#running?.done ?? this.#list());
    if (this.#last !== undefined && this.#last.begunAt > time) return undefined;
    return this.#failure === undefined ? 'The server list could not be read in time.' : messageOf(this.#failure);
  }

  /** Makes the next listing come in the quick rhythm: something has begun to move. */
  hurry(): void {
    if (this.#running === undefined && !this.#stopped) this.#arm();
  }

  #list(): Promise<void> {
    this.#timer?.cancel();
    const begunAt = this.#options.clock.monotonic();
    const done = this.#listOnce(begunAt).finally(() => {
      this.#running = undefined;
      if (!this.#stopped) this.#arm();
    });
    this.#running = { begunAt, done };
    return done;
  }

  async #listOnce(begunAt: Monotonic): Promise<void> {
    const { clock, onListing, onFailure, onDone } = this.#options;
    const { outcome, account: whose } = await this.#listAs();
    this.#view = undefined;
    const at = clock.monotonic();
    this.#endedAt = at;
    onDone?.(elapsed(begunAt, at));
    if (outcome.kind === 'complete') {
      // Another account's servers say nothing about this one's: what was proved starts over.
      if (whose !== undefined && this.#account !== undefined && !sameAccount(whose, this.#account)) this.#run = [];
      this.#account = whose;
      const previous = this.#last;
      this.#last = outcome.listing;
      this.#run = [...this.#run, outcome.listing].slice(-2);
      this.#failure = undefined;
      onListing(outcome.listing, previous);
      return;
    }
    // A run of listings that is to prove something must not have a gap; the newest one stays as what was last seen.
    this.#run = [];
    this.#failure =
      outcome.kind === 'incomplete'
        ? { kind: 'incomplete', message: outcome.message, at }
        : { kind: 'unreadable', failure: outcome.failure, at };
    onFailure(this.#failure);
  }

  /** Lists, and says whose servers these are: a token that changes on the way makes a list of two accounts, which is none. */
  async #listAs(): Promise<{ readonly outcome: ListOutcome; readonly account: Account | undefined }> {
    const { list, account } = this.#options;
    const before = await account();
    const outcome = await list();
    const after = await account();
    if (before.kind !== 'known' || after.kind !== 'known' || !sameAccount(before.account, after.account)) {
      const changed: ListOutcome = { kind: 'incomplete', message: 'the token changed while the servers were listed.' };
      return { outcome: outcome.kind === 'complete' ? changed : outcome, account: undefined };
    }
    return { outcome, account: after.account };
  }

  #arm(): void {
    this.#timer?.cancel();
    const { clock, isMoving, moving, still } = this.#options;
    const since = this.#endedAt === undefined ? millis(0) : elapsed(this.#endedAt, clock.monotonic());
    const rhythm = isMoving() || this.#failure !== undefined ? moving : still;
    this.#timer = clock.setTimer(millis(Math.max(0, rhythm - since)), () => void this.#list());
  }

  #makeView(): AccountView {
    const latest = this.#last;
    return {
      account: this.#account,
      latest,
      run: this.#run,
      failure: this.#failure,
      continuedFrom: (account) => latest !== undefined && this.#options.continuedFrom(latest, account),
    };
  }
}

const messageOf = (failure: ViewFailure): string =>
  failure.kind === 'incomplete' ? failure.message : failure.failure.message;
