import type { ManagedObject, ModelCalls } from './calls.ts';

/**
 * The order in which a published design does things to create one remote resource and to delete it, and nothing else of it.
 * A model says what follows from that order on an API without idempotency key; it measures no product. Where a product has
 * more (a client token, a name that is unique, a provider that knows its API), it does better than its model.
 */
export interface Model {
  readonly name: string;
  /** The steps of a creation, in a few words. */
  readonly steps: string;
  /** The project and the document or source file that describes this order. */
  readonly source: string;
  /** One pass. Throws CallFailed, as its original returns an error: then it is called again soon. */
  readonly reconcile: (calls: ModelCalls, object: ManagedObject) => Promise<Verdict>;
  /** The server that the object names. */
  readonly recordOf: (object: ManagedObject) => string | undefined;
}

/** Look again soon, look again later, or only a person can say how to go on. */
export type Verdict = 'again' | 'rest' | 'person';
