import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { sha256Hex } from '../base/hash.ts';
import { Secret } from '../base/secret.ts';
import type { Millis, Monotonic } from '../base/time.ts';
import { elapsed, seconds } from '../base/time.ts';

export type TokenResult =
  | { readonly kind: 'token'; readonly token: Secret }
  /** For people: names the file and what to do. */
  | { readonly kind: 'unreadable'; readonly message: string };

export interface TokenSource {
  /** The token of this moment. Never throws. */
  current(): Promise<TokenResult>;
  /** The token was refused: the next `current` reads it anew. */
  refresh(): void;
}

export interface FileTokenOptions {
  readonly path: string;
  /** Rejects with an Error whose `code` says why. */
  readonly readFile: (path: string) => Promise<string>;
  readonly clock: Clock;
}

/** Sixteen hex digits that tell tokens apart and tell nothing about the token. */
export const fingerprint = (salt: string, token: Secret): string => sha256Hex(salt + token.reveal(), 16);

/** A mounted Secret changes seldom and reading it is cheap: so soon a new token is in use without anybody asking. */
const READ_EVERY: Millis = seconds(5);
/** A file on a network mount may hang for ever. */
const READ_TIMEOUT: Millis = seconds(5);
/** Larger is no token, and no header. */
const TOKEN_LENGTH_MAX = 4_096;

/** A token in a file, read again when it may have changed. */
export class FileTokenSource implements TokenSource {
  readonly #options: FileTokenOptions;
  #latest: { readonly result: Promise<TokenResult>; readonly at: Monotonic } | undefined;

  constructor(options: FileTokenOptions) {
    this.#options = options;
  }

  current(): Promise<TokenResult> {
    const now = this.#options.clock.monotonic();
    if (this.#latest === undefined || elapsed(this.#latest.at, now) >= READ_EVERY) {
      this.#latest = { result: this.#read(), at: now };
    }
    return this.#latest.result;
  }

  refresh(): void {
    this.#latest = undefined;
  }

  async #read(): Promise<TokenResult> {
    const { path, readFile, clock } = this.#options;
    const over = new AbortController();
    const tooLate = sleep(clock, READ_TIMEOUT, over.signal).then(() => undefined);
    try {
      const text = await Promise.race([readFile(path), tooLate]);
      return text === undefined ? this.#unreadable('reading takes too long') : this.#parse(text);
    } catch (error) {
      return this.#unreadable(codeOf(error));
    } finally {
      over.abort();
    }
  }

  #parse(text: string): TokenResult {
    const token = text.trim();
    if (token === '') return this.#unreadable('the file is empty');
    // Anything else cannot stand in a header; a file with several lines is some other file.
    if (token.length > TOKEN_LENGTH_MAX || !/^[\x21-\x7e]+$/.test(token)) {
      return this.#unreadable('the file must hold the token alone, on one line');
    }
    return { kind: 'token', token: new Secret(token) };
  }

  #unreadable(why: string): TokenResult {
    return {
      kind: 'unreadable',
      message: `cannot read the API token from ${this.#options.path} (${why}): put a FlexMetal API token into that file, for instance by mounting a Secret`,
    };
  }
}

/** The system's error code; never the message, which may quote what was read. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
