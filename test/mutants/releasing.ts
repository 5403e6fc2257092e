import type { Mutant } from './mutant.ts';

const RELEASE = 'src/core/server/rules/release.ts';

/** How servers are given back, and when an object may go. */
export const RELEASING: readonly Mutant[] = [
  {
    name: 'error-drops-finalizer',
    breaks: 'a release that was answered with an error lets the object go',
    patches: [
      {
        file: RELEASE,
        from: '  const retry = heldBack(s, `release:${server.uuid}`);\n  if (retry !== undefined) {\n    const after',
        to: "  const retry = heldBack(s, `release:${server.uuid}`);\n  if (retry !== undefined) {\n    return dropFinalizer(s, { kind: 'released', servers: [server.uuid] });\n    const after",
      },
    ],
    expected: ['S4', 'L3'],
    scenarios: ['delete when delivered', 'an hour of outage'],
    caughtBy: { scenario: 'delete when delivered', seed: 1, faults: [{ at: 12, do: 'errorWithout' }] },
  },
  {
    name: 'accepted-is-released',
    breaks: 'an object goes as soon as the release of its server was taken, not when the server is gone',
    patches: [
      {
        file: RELEASE,
        from: "  if (liveness === 'released') return",
        to: "  if (liveness === 'released' || liveness === 'releasing') return",
      },
    ],
    expected: ['S4'],
    scenarios: ['delete when delivered', 'delete while provisioning'],
    caughtBy: { scenario: 'delete when delivered', seed: 1, faults: [] },
  },
  {
    name: 'unclear-order-let-go',
    breaks:
      'an object that is deleted while its order is unclear goes at once; settling, which comes before, gives way to the deletion, since it alone would make this harmless',
    patches: [
      {
        file: 'src/core/server/rules/settle.ts',
        from: '  if (isDeleting(s) && liveServers(s).length > 0) return undefined;',
        to: '  if (isDeleting(s)) return undefined;',
      },
      {
        file: RELEASE,
        from: "  const unsent = entry.outcome.kind === 'open' && maybeSentAttempt(s) === undefined;",
        to: "  const unsent = entry.outcome.kind === 'open';",
      },
    ],
    expected: ['S4', 'L3'],
    scenarios: ['delete while unclear', 'delete while ordering'],
    caughtBy: { scenario: 'delete while unclear', seed: 1, faults: [] },
  },
  {
    name: 'foreign-tag-ignored',
    breaks: 'a server that carries another uid as well is released with its object',
    patches: [
      {
        file: 'src/core/server/facts.ts',
        from: '  if (otherUids(s, server).length > 0) return false;\n',
        to: '',
      },
    ],
    expected: ['S3'],
    scenarios: ['a stranger on the server for long, then deleted'],
    caughtBy: {
      scenario: 'a stranger on the server for long, then deleted',
      seed: 1,
      faults: [],
    },
  },
];
