import type { Mutant } from './mutant.ts';

const CLASSIFY = 'src/flexmetal/classify.ts';
const FACTS = 'src/core/server/facts.ts';

/** What becomes of an order without a clear answer. */
export const SETTLING: readonly Mutant[] = [
  {
    name: 'read-intent-counts-as-unsent',
    breaks: 'an intent that a new process reads back counts as unsent',
    patches: [
      {
        file: 'src/core/server/refresh.ts',
        from: "progress: 'maybeSent'",
        to: "progress: 'unsent'",
      },
      {
        file: FACTS,
        from: "  return { attempt: entry.attempt, progress: 'maybeSent',",
        to: "  return { attempt: entry.attempt, progress: 'unsent',",
      },
    ],
    expected: ['S1', 'S2'],
    scenarios: ['deliver', 'unclear, ordered'],
    caughtBy: { scenario: 'deliver', seed: 1, faults: [{ at: 3, do: 'killAfter' }] },
  },
  {
    name: 'time-out-is-failure',
    breaks: 'an order without a reply counts as not made',
    patches: [
      {
        file: CLASSIFY,
        from: "  if (sent === 'maybe') return { kind: 'unclear', cause };\n",
        to: '',
      },
    ],
    expected: ['S1'],
    scenarios: ['unclear, ordered late', 'deliver'],
    caughtBy: { scenario: 'unclear, ordered late', seed: 1, faults: [] },
  },
  {
    name: 'error-status-is-refusal',
    breaks: 'any HTTP error in answer to an order counts as not made, also a gateway time-out, and is soon tried again',
    patches: [
      {
        file: CLASSIFY,
        from: '  const error = readError(parseBody(result.body), reading.clean);\n  if (error !== undefined && DEFINITE_NO.has(result.status)) return refused(refusalClass(result.status, error), error);\n  return unclear(result, reading);\n}\n\n/** Reads what came of a release.',
        to: "  return refused('notConnected', { errorCode: 0, message: `HTTP ${result.status}` });\n}\n\n/** Reads what came of a release.",
      },
    ],
    expected: ['S1'],
    scenarios: ['deliver', 'unclear, ordered late'],
    caughtBy: { scenario: 'deliver', seed: 1, faults: [{ at: 3, do: 'errorWith' }] },
  },
  {
    name: 'no-grace-before-reorder',
    breaks: 'an unclear order counts as not made after two lists without it, however soon',
    patches: [
      {
        file: FACTS,
        from: '  laterBy(laterBy(intentOf(s, entry).seenAt, s.settings.orderTimeout), s.settings.settleWindow);',
        to: '  intentOf(s, entry).seenAt;',
      },
    ],
    expected: ['S1'],
    scenarios: ['unclear, ordered late', 'deliver'],
    caughtBy: { scenario: 'unclear, ordered late', seed: 1, faults: [] },
  },
  {
    name: 'lost-ledger-without-wait',
    breaks: 'an object whose ledger was removed is ordered for as soon as one list shows no server of it',
    patches: [
      {
        file: FACTS,
        from: '  !hasLostLedger(s) ||\n',
        to: '  true || !hasLostLedger(s) ||\n',
      },
    ],
    expected: ['S1'],
    scenarios: ['both ledgers lost while provisioning', 'both ledgers lost'],
    caughtBy: { scenario: 'both ledgers lost while provisioning', seed: 1, faults: [{ at: 3, do: 'handOver' }] },
  },
];
