/** Lines that somebody writes and one reader takes, in order. The reader waits while there is none. */
export class LineQueue<T> implements AsyncIterable<T> {
  readonly #lines: T[] = [];
  #next = 0;
  #end: { readonly error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;

  push(line: T): void {
    if (this.#end !== undefined) return;
    this.#lines.push(line);
    this.#wake?.();
  }

  /** No line comes any more; with an error, the reader gets it after the last line. The first end counts. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const line = this.#lines[this.#next];
      if (line !== undefined) {
        this.#next += 1;
        yield line;
      } else if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      } else {
        await this.#something();
      }
    }
  }

  #something(): Promise<void> {
    this.#lines.length = 0;
    this.#next = 0;
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
