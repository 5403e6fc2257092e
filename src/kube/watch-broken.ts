/**
 * An open watch broke: reset, silent for too long, or not readable. Thrown out of the lines of a KubeWatch.
 * To be concluded: nothing about any object, only that events may be missing from the last seen resourceVersion on.
 */
export class WatchBroken extends Error {
  override readonly name = 'WatchBroken';
  /** A short fixed word or error code: `idle`, `ECONNRESET`, `unreadable line`. */
  readonly reason: string;

  constructor(reason: string, cause?: unknown) {
    super(`the watch broke (${reason}); it is opened again`, { cause });
    this.reason = reason;
  }
}
