import type { Plan } from '../../test/support/simulation/plan.ts';

/** Often enough to see that it lives, seldom enough for a log. */
const EVERY_MS = 10_000;

/** One mistake breaks hundreds of runs. */
const BROKEN_MAX = 50;

/** One line every ten seconds, and one for each of the first runs that broke something. */
export class Progress {
  readonly #startedAt: number;
  #shownAt = 0;
  #phase = '';
  #phaseAt = 0;
  #broken = 0;

  /** @param startedAt by performance.now() */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  broken(plan: Plan, violations: readonly string[]): void {
    this.#broken += 1;
    if (this.#broken > BROKEN_MAX) return;
    process.stdout.write(`broken: ${JSON.stringify(plan)}: ${violations[0] ?? ''}\n`);
  }

  show(phase: string, done: number, of: number, violations: number): void {
    const now = performance.now();
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#phaseAt = now;
    }
    if (now - this.#shownAt < EVERY_MS && done < of) return;
    this.#shownAt = now;
    const rate = done / Math.max(0.001, (now - this.#phaseAt) / 1_000);
    const passed = ((now - this.#startedAt) / 1_000).toFixed(0);
    process.stdout.write(
      `${passed} s  ${phase}: ${done} of ${of}, ${rate.toFixed(1)} a second, ${violations} violations\n`,
    );
  }
}
