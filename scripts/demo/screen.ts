import type { ServerView } from './server-view.ts';
import { lineOf, tableOf } from './table.ts';

/** Where the demo writes. */
export interface Output {
  readonly isTerminal: boolean;
  /** Width, which may change. */
  columns(): number;
  write(text: string): void;
}

/**
 * Tells the story line by line, with the table of servers kept below the last line. Where nothing can be drawn over (a pipe, a CI log)
 * each change of a server is a line of its own instead.
 */
export class Screen {
  readonly #output: Output;
  readonly #elapsedMs: () => number;
  readonly #shown = new Map<string, string>();
  #table: readonly string[] = [];
  #drawnLines = 0;

  constructor(output: Output, elapsedMs: () => number) {
    this.#output = output;
    this.#elapsedMs = elapsedMs;
  }

  /** One line, or several, of the story. */
  say(text: string): void {
    this.#erase();
    this.#output.write(`${text}\n`);
    this.#draw();
  }

  /** What the servers are now. */
  show(views: readonly ServerView[]): void {
    if (this.#output.isTerminal) {
      const table = views.length === 0 ? [] : ['', ...tableOf(views)];
      // Drawing what is there already would only flicker.
      if (table.join('\n') === this.#table.join('\n')) return;
      this.#erase();
      this.#table = table;
      this.#draw();
      return;
    }
    for (const view of views) this.#sayIfNew(view.name, lineOf(view));
    for (const name of this.#shown.keys())
      if (!views.some((view) => view.name === name)) {
        this.#shown.delete(name);
        this.#output.write(`${this.#time()}  ${name}  gone\n`);
      }
  }

  /** Leaves the table where it is; what is said later comes below it. */
  freeze(): void {
    this.#table = [];
    this.#drawnLines = 0;
  }

  #sayIfNew(name: string, line: string): void {
    if (this.#shown.get(name) === line) return;
    this.#shown.set(name, line);
    this.#output.write(`${this.#time()}  ${line}\n`);
  }

  #time(): string {
    return `${(this.#elapsedMs() / 1_000).toFixed(1).padStart(6)} s`;
  }

  #draw(): void {
    // A line that wraps would take more rows than are erased.
    for (const line of this.#table) this.#output.write(`${line.slice(0, this.#output.columns() - 1)}\n`);
    this.#drawnLines = this.#table.length;
  }

  /** Up to the first line of the table, and clear from there. */
  #erase(): void {
    if (this.#drawnLines > 0) this.#output.write(`\u001B[${this.#drawnLines}A\u001B[J`);
    this.#drawnLines = 0;
  }
}
