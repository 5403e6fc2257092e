import { assertNever } from '../base/assert-never.ts';
import { splitKey } from '../base/ids.ts';
import type { EventSink, EventToEmit } from './event-sink.ts';
import { NOTE_LENGTH_MAX } from './event-sink.ts';
import type { Happening, HappeningKind, HappeningOf, ObjectRef } from './happening.ts';
import type { LogFields, Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { StandingKind, Telling } from './telling.ts';
import { TELLINGS } from './telling.ts';
import { createToldMemory } from './told-memory.ts';

export type StandingHappening = HappeningOf<StandingKind>;

/** Tells people and machines what happened. */
export interface Teller {
  /**
   * Log line, metric and Event of one happening. The same happening told again is told once a transition (telling.ts says for
   * each kind what that means), so a caller may tell what it sees on every pass. Never throws, never waits.
   */
  readonly tell: (happening: Happening) => void;
  /**
   * The states (kinds told `whileItHolds`) that hold for the object now, all of them: new ones are told, and one that is not
   * among them has ended, so that its return is news again. Called once a pass.
   */
  readonly standing: (object: ObjectRef, happenings: readonly StandingHappening[]) => void;
  /** The object is gone: what was told about it is forgotten. */
  readonly forget: (object: ObjectRef) => void;
}

export interface TellerPorts {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly events: EventSink;
  /** What Events about the operator itself are about (its Lease); undefined: there are none. */
  readonly self: ObjectRef | undefined;
}

/** The subject of what concerns no object. No uid is empty. */
const OPERATOR = '';

export function createTeller(ports: TellerPorts): Teller {
  const memory = createToldMemory();

  function tell(happening: Happening): void {
    const telling = tellingOf(happening);
    const object = objectOf(happening);
    const subject = object?.uid ?? OPERATOR;
    // Every kind is ended, so no short cut after the first one that was told.
    const ended = telling.ends.filter((kind) => memory.end(subject, kind)).length > 0;
    if (!isNews(telling, subject, ended)) return;
    ports.log[telling.level](logFields(happening), telling.message);
    telling.measure(ports.metrics);
    const regarding = object ?? ports.self;
    if (telling.event !== undefined && regarding !== undefined) {
      ports.events.emit({ object: regarding, ...telling.event });
    }
  }

  function isNews(telling: BoundTelling, subject: string, ended: boolean): boolean {
    switch (telling.told) {
      case 'always':
        return true;
      case 'onlyAsEnd':
        return ended;
      case 'once':
      case 'whileItHolds':
        return memory.isNew(subject, telling.kind, telling.per, telling.facts);
      default:
        return assertNever(telling.told, 'way to be told');
    }
  }

  return {
    tell,
    standing(object, happenings) {
      memory.keepOnly(object.uid, STANDING_KINDS, happenings.map(tellingOf));
      for (const happening of happenings) tell(happening);
    },
    forget: (object) => memory.forget(object.uid),
  };
}

const TABLE: { readonly [K in HappeningKind]: Telling<K> } = TELLINGS;

const STANDING_KINDS = Object.keys(TELLINGS)
  .filter((kind): kind is HappeningKind => kind in TELLINGS)
  .filter((kind) => TABLE[kind].told === 'whileItHolds');

/** A row of the table with one happening put in. */
interface BoundTelling extends Pick<Telling<HappeningKind>, 'level' | 'message' | 'told'> {
  readonly kind: HappeningKind;
  readonly per: string;
  readonly facts: string;
  readonly ends: readonly HappeningKind[];
  readonly measure: (metrics: Metrics) => void;
  readonly event: Omit<EventToEmit, 'object'> | undefined;
}

function tellingOf<K extends HappeningKind>(happening: HappeningOf<K>): BoundTelling {
  const kind: K = happening.kind;
  const { level, message, told, facts, per, ends, measure, event }: Telling<K> = TABLE[kind];
  return {
    kind,
    level,
    message,
    told,
    per: per?.(happening) ?? '',
    facts: facts?.(happening) ?? '',
    ends: ends ?? [],
    measure: (metrics) => measure?.(metrics, happening),
    event: event === undefined ? undefined : { ...event, note: clip(event.note(happening)) },
  };
}

function objectOf(happening: Happening): ObjectRef | undefined {
  return 'object' in happening ? happening.object : undefined;
}

/** The happening flat: its object as namespace, name and uid, an error as `err`. */
function logFields(happening: Happening): LogFields {
  const {
    kind,
    object,
    error,
    ...rest
  }: { readonly kind: HappeningKind; readonly object?: ObjectRef; readonly error?: unknown } = happening;
  return {
    happening: kind,
    ...(object === undefined ? {} : { resource: object.kind, ...splitKey(object.key), uid: object.uid }),
    ...(error === undefined ? {} : { err: error }),
    ...rest,
  };
}

const clip = (note: string): string =>
  note.length > NOTE_LENGTH_MAX ? `${note.slice(0, NOTE_LENGTH_MAX - 1)}…` : note;
