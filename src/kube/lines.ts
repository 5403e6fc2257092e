import { WatchBroken } from './watch-broken.ts';

/** Far above the largest object that etcd takes (1.5 MiB, and base64 and JSON escapes may double it). */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Cuts bytes into lines and parses each as JSON. A line that is none, or too long, throws WatchBroken; half a line at the end is dropped. */
export class JsonLines {
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  /** The values of the lines that end within these bytes. */
  *take(chunk: Uint8Array): Generator {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, end));
      from = end + 1;
      const line = Buffer.concat(this.#parts).toString('utf8');
      this.#parts.length = 0;
      this.#size = 0;
      if (line.trim() !== '') yield parse(line);
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  #keep(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size > LINE_BYTES_MAX) throw new WatchBroken('line too long');
    this.#parts.push(part);
  }
}

function parse(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return value;
  } catch (error) {
    throw new WatchBroken('unreadable line', error);
  }
}
