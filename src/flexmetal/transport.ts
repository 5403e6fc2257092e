import type { Millis } from '../base/time.ts';

/** One request to the vendor's API, as plain data: the same value drives a real socket and a simulated world. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with the query, encoded, starting with `/v3/`. */
  readonly path: string;
  /** Lower-case names. The token is in here, so a request is never logged as a whole. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or undefined for no body. */
  readonly body?: string;
}

/**
 * What came of a request.
 * - `reply`: a whole HTTP reply with its whole body (any status).
 * - `failed`: no whole reply. `sent: 'no'` only when the connection was never made, so that the request cannot have arrived;
 *   everything else is `maybe`. `cause` is a short fixed word or error code for logs (`timeout`, `ECONNRESET`), never user data.
 */
export type HttpResult =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly kind: 'failed'; readonly sent: 'no' | 'maybe'; readonly cause: string };

/** A connection that is open and has carried nothing yet. It carries one request at most. */
export interface OpenConnection {
  /** Writes the request without waiting for anything first: what was checked just before the call still holds. */
  send(request: HttpRequest, options: SendOptions): Promise<HttpResult>;
  /** Gives the connection back unused. Safe after `send` and any number of times. */
  close(): void;
}

export interface SendOptions {
  /** Total time for request and reply, connecting included. */
  readonly timeout: Millis;
  readonly signal?: AbortSignal;
}

/** How requests travel. undici in the operator, the simulator's world in simulations. */
export interface FlexMetalTransport {
  /** For calls that may be repeated: reads and tags. Uses kept connections. */
  send(request: HttpRequest, options: SendOptions): Promise<HttpResult>;
  /** For calls that cost money: a fresh connection, made before the last checks, so that failing to connect proves that nothing was sent. */
  connect(options: SendOptions): Promise<OpenConnection | { readonly kind: 'failed'; readonly cause: string }>;
}
