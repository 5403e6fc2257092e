import type { Mutant, Patch } from './mutant.ts';
import { NO_LIVE_READ } from './ordering.ts';

const ELECTION = 'src/kube/leader-election.ts';

const BLIND_TO_THE_NEXT_LEADER: Patch = {
  file: ELECTION,
  from: '    return this.#observed !== undefined && this.#observed.lease.holder !== this.identity;',
  to: '    return false;',
};

/** Who may act. */
export const LEADING: readonly Mutant[] = [
  {
    name: 'leader-check-missing',
    breaks:
      'who once led goes on acting, however old its lease: neither the last check nor the watch over the lease ends it, and the fence reads nothing live, each of which alone would make this harmless',
    patches: [
      NO_LIVE_READ,
      {
        file: 'src/controllers/operator.ts',
        from: "    const leadership = this.#elector?.check() ?? { kind: 'leader' };",
        to: "    const leadership = { kind: 'leader' } as ReturnType<LeaderElector['check']>;",
      },
      {
        file: ELECTION,
        from: '      if (this.#sinceRenewal() >= this.#times.renewDeadline)\n        return `not renewed',
        to: '      if (false)\n        return `not renewed',
      },
      {
        file: ELECTION,
        from: 'await sleep(this.#options.clock, this.#untilDeadlineOr(pause), signal);',
        to: 'await sleep(this.#options.clock, pause, signal);',
      },
    ],
    expected: ['S1'],
    scenarios: ['a leader sleeps before its order'],
    caughtBy: { scenario: 'a leader sleeps before its order', seed: 1, faults: [] },
  },
  {
    name: 'old-leader-clock-slow',
    breaks:
      'the clock by which a leader counts its lease is ten minutes slow; it does not see who took it, and the fence reads nothing live, each of which alone would make this harmless',
    patches: [
      NO_LIVE_READ,
      BLIND_TO_THE_NEXT_LEADER,
      {
        file: ELECTION,
        from: '    return millis(Math.max(elapsed(this.#renewal.monotonic, now.monotonic), since(this.#renewal.wall, now.wall)));',
        to: '    return millis(Math.max(0, elapsed(this.#renewal.monotonic, now.monotonic) - 600_000));',
      },
    ],
    expected: ['S1'],
    scenarios: ['a leader sleeps before its order'],
    caughtBy: { scenario: 'a leader sleeps before its order', seed: 1, faults: [] },
  },
];
