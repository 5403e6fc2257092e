import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import type { Clock } from '../base/clock.ts';
import { printable } from './printable.ts';
import type { Scrubber } from './scrubber.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Facts of a line. An Error goes under `err`. The names that the line itself uses are taken. */
export type LogFields = Readonly<Record<string, unknown>> & {
  readonly level?: never;
  readonly time?: never;
  readonly msg?: never;
};

/** One JSON line a call: static message, everything variable in the fields. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger whose every line carries these fields as well. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly clock: Pick<Clock, 'now'>;
  /** Knows the secrets that no line may show. */
  readonly scrubber: Scrubber;
  /** Where lines go; `stdoutDestination()` in the operator. */
  readonly destination: DestinationStream;
}

/**
 * The operator's log: `{"level":"info","time":"2026-11-24T20:07:00.123Z",…,"msg":"server ordered"}`.
 * Fields are made printable first (printable.ts), and the finished line is scrubbed of every known secret.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { scrubber, clock } = options;
  const sink = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      // pino's own prints every property of an error; ours is printable already.
      serializers: { err: (value: unknown) => value },
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => scrubber.scrub(line) },
    },
    options.destination,
  );
  return loggerOf({}, (level, fields, message) => {
    // Asked first, because making fields printable is the expensive part.
    if (sink.isLevelEnabled(level)) sink[level](printable(fields), message);
  });
}

type Write = (level: LogLevel, fields: LogFields, message: string) => void;

function loggerOf(standing: LogFields, write: Write): Logger {
  const at =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void =>
      write(level, { ...standing, ...fields }, message);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => loggerOf({ ...standing, ...fields }, write),
  };
}

/** Standard output, written in the background; what is still waiting is flushed when the process exits by `process.exit` or by itself. */
export function stdoutDestination(): DestinationStream {
  return pino.destination({ fd: 1, sync: false });
}
