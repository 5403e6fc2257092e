import type { Mutant, Patch } from './mutant.ts';

const LOOK_FIRST = 'src/core/server/rules/look-first.ts';
const CHECKS = 'src/controllers/server/checks.ts';
const PERFORM = 'src/controllers/server/perform.ts';
const RECORD = 'src/core/server/rules/record.ts';
const WRITES = 'src/controllers/server/writes.ts';

export const NO_LIVE_READ: Patch = {
  file: PERFORM,
  from: '    live: () => orderStillTrue(client, s, entry),',
  to: "    live: () => Promise.resolve({ kind: 'go' }),",
};

/** The order of writing and sending. */
export const ORDERING: readonly Mutant[] = [
  {
    name: 'id-only-in-memory',
    breaks: 'the attempt is known to the running process only until its server is: nothing is written before the order',
    patches: [
      {
        file: LOOK_FIRST,
        from: "    return act(\n      { kind: 'writeLedger', entry: newAttempt(snapshot, snapshot.account.account, snapshot.spec.hash) },",
        to: "    if (snapshot.inputs.kind !== 'ready') return undefined;\n    return act(\n      { kind: 'createServer', entry: newAttempt(snapshot, snapshot.account.account, snapshot.spec.hash), request: snapshot.inputs.request },",
      },
      {
        file: LOOK_FIRST,
        from: '  return (\n    answerFirst(s) ??',
        to: "  const sent = s.memory.intent;\n  if (entry === undefined && sent !== undefined && s.monotonic < sent.seenAt + s.settings.orderTimeout + s.settings.settleWindow)\n    return wait('OrderUnclear', 'The order is waited out.', { kind: 'onListing', atMost: s.settings.pollInterval });\n  return (\n    answerFirst(s) ??",
      },
      {
        file: 'src/core/server/refresh.ts',
        from: "  if (entry?.outcome.kind !== 'open') return undefined;",
        to: "  if (entry === undefined) return s.memory.intent;\n  if (entry.outcome.kind !== 'open') return undefined;",
      },
      {
        file: CHECKS,
        from: '  if (!object.finalizers.includes(FINALIZER))',
        to: '  if (entry === undefined)',
      },
      {
        file: CHECKS,
        from: "  if (!same) return stop('ledger', 'The order ledger changed before the order went out.');",
        to: '',
      },
    ],
    expected: ['S1', 'S2'],
    scenarios: ['deliver', 'unclear, ordered', 'delete while provisioning'],
    caughtBy: { scenario: 'deliver', seed: 1, faults: [] },
  },
  {
    name: 'intent-after-post',
    breaks: 'the order goes out before its intent is written',
    patches: [
      {
        file: PERFORM,
        from: '  const outcome = await writer.writeLedger(s.object, entry);',
        to: [
          "  if (isNewIntent && s.inputs.kind === 'ready') {",
          '    const call = await ports.vendor.openOrder(s.inputs.request);',
          "    if (call.kind === 'open') SENT.set(entry.attempt, await call.send());",
          '  }',
          '  const outcome = await writer.writeLedger(s.object, entry);',
        ].join('\n'),
      },
      {
        file: PERFORM,
        from: '/** Does one effect and says what came of it.',
        to: 'const SENT = new Map();\n/** Does one effect and says what came of it.',
      },
      {
        file: PERFORM,
        from: '  return fenced(() => vendor.openOrder(request), {',
        to: '  const sent = SENT.get(entry.attempt);\n  if (sent !== undefined) return Promise.resolve(sent);\n  return fenced(() => vendor.openOrder(request), {',
      },
    ],
    expected: ['S1', 'S2'],
    scenarios: ['deliver', 'unclear, ordered', 'delete while provisioning'],
    caughtBy: { scenario: 'deliver', seed: 1, faults: [] },
  },
  {
    name: 'order-before-status',
    breaks: 'the order goes out when the annotation has the intent and status may not',
    patches: [
      {
        file: 'src/core/server/rules/order.ts',
        from: '  if (!s.ledger.inAnnotation || !s.ledger.inStatus) {',
        to: '  if (!s.ledger.inAnnotation) {',
      },
      {
        file: CHECKS,
        from: "ledger.kind === 'entry' && ledger.inAnnotation && ledger.inStatus && sameEntry",
        to: "ledger.kind === 'entry' && ledger.inAnnotation && sameEntry",
      },
    ],
    expected: ['S2'],
    scenarios: ['deliver', 'unclear, ordered'],
    caughtBy: { scenario: 'deliver', seed: 1, faults: [{ at: 2, do: 'conflict' }] },
  },
  {
    name: 'ledger-only-in-status',
    breaks:
      'intent, outcome and uuid are written to status only, and a ledger that went with its status is not waited out',
    patches: [
      {
        file: WRITES,
        from: '  writeLedger(object: FlexMetalServerWithoutSpec, entry: Entry): Promise<WriteOutcome> {',
        to: '  async writeLedger(object: FlexMetalServerWithoutSpec, entry: Entry): Promise<WriteOutcome> {',
      },
      {
        file: WRITES,
        from: [
          '    return this.#patch(object, {',
          '      metadata: {',
          '        resourceVersion: object.resourceVersion,',
          '        annotations: { [ANNOTATION.order]: JSON.stringify(formatEntry(entry)) },',
          '        ...(withFinalizer ? {} : { finalizers: [...object.finalizers, FINALIZER] }),',
          '      },',
          '    });',
        ].join('\n'),
        to: [
          '    const { resourceVersion, finalizers } = object;',
          '    const first = withFinalizer',
          "      ? ({ kind: 'written', object } as const)",
          '      : await this.#patch(object, { metadata: { resourceVersion, finalizers: [...finalizers, FINALIZER] } });',
          "    if (first.kind !== 'written') return first;",
          '    const metadata = { resourceVersion: first.object.resourceVersion };',
          "    return this.#patch(first.object, { metadata, status: { order: formatEntry(entry) } }, 'status');",
        ].join('\n'),
      },
      {
        file: 'src/core/server/absorb.ts',
        from: "stored.ledger.kind === 'entry' && stored.ledger.inAnnotation;",
        to: "stored.ledger.kind === 'entry';",
      },
      {
        file: RECORD,
        from: '(finalizerGone || !s.ledger.inAnnotation)',
        to: 'finalizerGone',
      },
      {
        file: 'src/core/server/rules/order.ts',
        from: '!s.ledger.inAnnotation || !s.ledger.inStatus',
        to: '!s.ledger.inStatus',
      },
      {
        file: CHECKS,
        from: 'ledger.inAnnotation && ledger.inStatus && sameEntry',
        to: 'ledger.inStatus && sameEntry',
      },
      {
        file: 'src/core/server/facts.ts',
        from: '  !hasLostLedger(s) ||\n',
        to: '  true || !hasLostLedger(s) ||\n',
      },
    ],
    expected: ['S1', 'S2'],
    scenarios: ['deliver', 'both ledgers lost while provisioning'],
    caughtBy: { scenario: 'deliver', seed: 1, faults: [] },
  },
  {
    name: 'no-finalizer',
    breaks: 'the finalizer is never put on the object, and the fence does not ask for it',
    patches: [
      {
        file: WRITES,
        from: '    const withFinalizer = object.finalizers.includes(FINALIZER) || object.deletionTimestamp !== undefined;',
        to: '    const withFinalizer = true;',
      },
      {
        file: RECORD,
        from: '  const finalizerGone = !hasFinalizer(s) && !isDeleting(s);',
        to: '  const finalizerGone = !hasFinalizer(s) && isDeleting(s);',
      },
      {
        file: 'src/core/server/absorb.ts',
        from: '  if (hasLedger && (hasFinalizer(stored) || isDeleting(stored))) return',
        to: '  if (hasLedger && (!hasFinalizer(stored) || isDeleting(stored))) return',
      },
      {
        file: CHECKS,
        from: '  if (!object.finalizers.includes(FINALIZER))',
        to: '  if (object.finalizers.includes(FINALIZER))',
      },
    ],
    expected: ['S4', 'L3'],
    scenarios: ['delete when delivered', 'delete while provisioning'],
    caughtBy: { scenario: 'delete when delivered', seed: 1, faults: [] },
  },
  {
    name: 'former-server-ignored',
    breaks: 'a live server of a former object of the same name does not hold up the order',
    patches: [
      {
        file: LOOK_FIRST,
        from: '    previousServer(s) ??\n',
        to: '',
      },
    ],
    expected: ['L1'],
    scenarios: ['restore from a backup'],
    caughtBy: { scenario: 'restore from a backup', seed: 1, faults: [] },
  },
  {
    name: 'order-before-answer',
    breaks: 'an order is made although a person named the server to take, because that server cannot be read yet',
    patches: [{ file: LOOK_FIRST, from: '    answerFirst(s) ??\n', to: '' }],
    expected: ['L1'],
    scenarios: ['an answer that names a server which cannot be read yet'],
    caughtBy: { scenario: 'an answer that names a server which cannot be read yet', seed: 1, faults: [] },
  },
  {
    name: 'fence-without-live-read',
    breaks: 'nothing is read live between the decision to order and the order',
    patches: [NO_LIVE_READ],
    expected: ['S4', 'L3'],
    scenarios: ['an object that goes right before its order'],
    caughtBy: { scenario: 'an object that goes right before its order', seed: 1, faults: [] },
  },
  {
    name: 'order-without-finalizer',
    breaks: 'the last check before an order does not ask for the finalizer, which somebody may just have removed',
    patches: [
      {
        file: CHECKS,
        from: '  if (!object.finalizers.includes(FINALIZER))',
        to: '  if (object.finalizers === undefined)',
      },
    ],
    expected: ['S4', 'L3'],
    scenarios: ['a finalizer that is taken right before the order'],
    caughtBy: { scenario: 'a finalizer that is taken right before the order', seed: 1, faults: [] },
  },
  {
    name: 'status-at-every-look',
    breaks: 'status is written at every look, whether it says anything new or not',
    patches: [
      {
        file: WRITES,
        from: '    if (mergeDiff(before, { ...status, ...order }) === undefined) return undefined;\n',
        to: '',
      },
    ],
    expected: ['L2'],
    scenarios: ['deliver', 'recreate'],
    caughtBy: { scenario: 'deliver', seed: 1, faults: [] },
  },
];
