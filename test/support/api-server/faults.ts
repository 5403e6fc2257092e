import type { Millis } from '../../../src/base/time.ts';
import type { KubeRequest } from '../../../src/kube/transport.ts';
import type { KindName } from './kind.ts';
import type { Verb } from './route.ts';

/** One call of one client, as a fault plan sees it. */
export interface FaultyCall {
  readonly client: string;
  /** The n-th call of this client, from 0; watches count too. */
  readonly index: number;
  readonly verb: Verb | 'unknown';
  readonly resource: KindName | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly endpoint: 'main' | 'status';
  readonly request: KubeRequest;
}

/** What goes wrong with one call. */
export type Fault =
  /** No connection is made: surely not carried out. */
  | { readonly kind: 'refuse' }
  /** The connection breaks before the request arrives, or after it was carried out. The client cannot tell which. */
  | { readonly kind: 'reset'; readonly carriedOut: boolean }
  /** No reply comes; the client's own deadline ends the call. */
  | { readonly kind: 'silence'; readonly carriedOut: boolean }
  /** An error as reply, although it may have been carried out. */
  | {
      readonly kind: 'answer';
      readonly code: number;
      readonly reason: string;
      readonly carriedOut: boolean;
      readonly retryAfterSeconds?: number;
    }
  /** As if somebody else had just changed the object. */
  | { readonly kind: 'conflict' }
  /** The network takes longer, on the way there or back. */
  | { readonly kind: 'delay'; readonly request: Millis; readonly reply: Millis }
  /** The client dies at this call: before the request is sent, or when it has been carried out. */
  | { readonly kind: 'kill'; readonly carriedOut: boolean };

/** Asked once for each call, before it is sent. */
export type FaultPlan = (call: FaultyCall) => Fault | undefined;
