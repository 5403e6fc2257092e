import type { ObjectRef } from './happening.ts';

/** One Kubernetes Event, in the words of events.k8s.io/v1. */
export interface EventToEmit {
  /** What the Event is about (`regarding`). */
  readonly object: ObjectRef;
  readonly type: 'Normal' | 'Warning';
  /** UpperCamelCase, at most 128 characters. */
  readonly reason: string;
  /** What the operator did or tried, UpperCamelCase, at most 128 characters. */
  readonly action: string;
  /** For people, at most NOTE_LENGTH_MAX characters. */
  readonly note: string;
}

/** The API server refuses longer notes (1 kB). */
export const NOTE_LENGTH_MAX = 1_000;

/** Takes Events to be written. Never throws and never waits: an Event that cannot be written is lost, and nothing else is. */
export interface EventSink {
  emit(event: EventToEmit): void;
}
