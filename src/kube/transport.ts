import type { Millis } from '../base/time.ts';

/** One request to the Kubernetes API, as plain data: the same value drives a real socket and the in-memory API server of the tests. */
export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with the query, encoded: `/apis/flexmetal.i3d.net/v1alpha1/flexmetalservers?limit=500`. */
  readonly path: string;
  readonly contentType?:
    | 'application/json'
    | 'application/merge-patch+json'
    | 'application/json-patch+json'
    | 'application/apply-patch+yaml';
  /** JSON text. */
  readonly body?: string;
}

/** A whole reply, or none. `body` is the parsed JSON (undefined when empty or no JSON). */
export type KubeResult =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: unknown;
    }
  | { readonly kind: 'failed'; readonly sent: 'no' | 'maybe'; readonly cause: string };

/** An open watch: one parsed JSON value a line. Ends when the server closes it; throws a WatchBroken when it breaks. */
export type KubeWatch =
  | { readonly kind: 'open'; readonly lines: AsyncIterable<unknown>; close(): void }
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: unknown;
    }
  | { readonly kind: 'failed'; readonly cause: string };

/** How requests to the Kubernetes API travel: undici in the operator, the in-memory API server in simulations. */
export interface KubeTransport {
  send(request: KubeRequest, options: { readonly timeout: Millis; readonly signal?: AbortSignal }): Promise<KubeResult>;
  /** Opens a watch. `idleTimeout`: the watch counts as broken when nothing, not even a bookmark, comes for so long. */
  watch(
    request: KubeRequest,
    options: { readonly idleTimeout: Millis; readonly signal: AbortSignal },
  ): Promise<KubeWatch>;
}
