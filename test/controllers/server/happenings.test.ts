import { describe, expect, test } from 'vitest';
import { minutes } from '../../../src/base/time.ts';
import { tellRuling, tellTransitions } from '../../../src/controllers/server/happenings.ts';
import type { Proof } from '../../../src/core/model/ledger.ts';
import { act, ask, wait } from '../../../src/core/model/decision.ts';
import type { Decision } from '../../../src/core/model/decision.ts';
import { aLedger, aServer, aSnapshot, before, NOW, seeing, uuid } from '../../support/builders.ts';

const READY = wait('Ready', '', { kind: 'onChange' });

describe('the time from order to delivery', () => {
  test.each<[Proof, number | undefined]>([
    ['reply', minutes(20)],
    ['settled', minutes(20)],
    ['found', undefined],
    ['adopted', undefined],
  ])('of a server known by %s is %s', (proof, sinceOrderMs) => {
    const outcome = { kind: 'created', server: uuid(1), proof, at: NOW } as const;
    const snapshot = aSnapshot({
      ledger: aLedger({ outcome, requestedAt: before(minutes(30)) }),
      view: seeing(aServer({ deliveredAt: before(minutes(10)) })),
    });
    const delivered = tellTransitions(snapshot, READY).find(({ kind }) => kind === 'serverDelivered');
    expect(delivered).toMatchObject({ server: uuid(1) });
    expect(delivered).toHaveProperty('sinceOrderMs', sinceOrderMs);
  });
});

describe('what is told of a ruling', () => {
  test.each<[string, Decision, readonly string[] | undefined]>([
    [
      'an effect and why',
      act({ kind: 'addTag', server: uuid(1), tag: 'web' }, 'it is wanted'),
      ['tags', 'addTag', 'it is wanted'],
    ],
    [
      'a reason and its message',
      wait('Slow', 'It takes long.', { kind: 'onChange' }),
      ['tags', 'Slow', 'It takes long.'],
    ],
    ['nothing of a question', ask({ kind: 'inputs' }), undefined],
  ])('%s', (_what, decision, told) => {
    const [happening] = tellRuling(aSnapshot(), { rule: 'tags', decision });
    expect(happening?.kind === 'ruled' ? [happening.rule, happening.step, happening.because] : undefined).toEqual(told);
  });
});
