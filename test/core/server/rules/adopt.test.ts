import { describe, expect, test } from 'vitest';
import { seconds } from '../../../../src/base/time.ts';
import type { ServerSnapshot } from '../../../../src/core/model/snapshot.ts';
import { decide } from '../../../../src/core/server/decide.ts';
import {
  ACCOUNT,
  aLedger,
  aMemory,
  aNewSnapshot,
  anEntry,
  aServer,
  aSnapshot,
  ago,
  ATTEMPT,
  before,
  NEXT_ATTEMPT,
  NOW,
  OTHER_ACCOUNT,
  ourTags,
  seeing,
  STRANGER,
  uuid,
} from '../../../support/builders.ts';
import type { Expected } from '../expectations.ts';
import { after, blocks, next, STILL, waits, writes } from '../expectations.ts';

const THIRD = '33333333-cccc-4000-8000-000000000003';
const found = (n: number) => ({ kind: 'created', server: uuid(n), proof: 'found', at: NOW }) as const;
const lost = { kind: 'lost', server: uuid(1), at: before(1) } as const;

describe('one live server carries our uid', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    [
      'and the ledger was lost',
      aNewSnapshot({ view: seeing(aServer()) }),
      writes({
        ...anEntry({ attempt: NEXT_ATTEMPT, attempts: 0, revision: 1, requestedAt: NOW, account: ACCOUNT }),
        outcome: found(1),
      }),
    ],
    [
      'after its attempt was proved absent: a late commit',
      aSnapshot({ ledger: aLedger({ outcome: { kind: 'absent', at: before(1) }, everUnclear: true }) }),
      writes(next(anEntry({ everUnclear: true }), found(1))),
    ],
    [
      'after it was lost: it came back',
      aSnapshot({ ledger: aLedger({ outcome: lost }) }),
      writes(next(anEntry(), found(1))),
    ],
    [
      'beside our failed one',
      aSnapshot({ view: seeing(aServer({ status: 'failed' }), aServer({ uuid: uuid(2) })) }),
      writes(next(anEntry(), found(2))),
    ],
    [
      'under a token that is not the one of the ledger',
      aSnapshot({ ledger: aLedger({ outcome: lost, account: OTHER_ACCOUNT }) }),
      writes(next(anEntry(), found(1))),
    ],
    ['and is ours already', aSnapshot(), waits('Ready', 'delivered', STILL)],
    [
      'and another object claims it too',
      aNewSnapshot({ view: seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] })) }),
      blocks('OwnershipUnproven', `forget=${uuid(1)}`),
    ],
    [
      'and two other objects claim it too',
      aNewSnapshot({
        view: seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`, `flexmetal-uid:${THIRD}`] })),
      }),
      blocks('OwnershipUnproven', `(${STRANGER}, ${THIRD})`),
    ],
    [
      'and neither a ledger nor a valid spec is there',
      aNewSnapshot({ view: seeing(aServer()), spec: { kind: 'invalid', message: 'wrong' } }),
      writes({
        ...anEntry({ attempt: NEXT_ATTEMPT, attempts: 0, revision: 1, requestedAt: NOW, specHash: '' }),
        outcome: found(1),
      }),
    ],
    [
      'but a person said to forget the order that it came of',
      aSnapshot({ ledger: aLedger({ outcome: { kind: 'forgotten', at: before(1) } }) }),
      blocks('Forgotten', `reorder=${ATTEMPT}`, STILL),
    ],
    [
      'and the ledger cannot be written yet',
      aNewSnapshot({
        view: seeing(aServer()),
        memory: aMemory({ retries: { ledger: { failures: 1, notBefore: ago(-1_000), message: 'no' } } }),
      }),
      waits('Ordering', 'no', after(seconds(1))),
    ],
    [
      'and the token cannot be read',
      aNewSnapshot({ view: seeing(aServer()), account: { kind: 'unreadable', message: 'no token' } }),
      blocks('CredentialsInvalid', 'no token'),
    ],
    [
      'but a person said to leave it alone',
      aSnapshot({ ledger: aLedger({ outcome: lost, forgotten: [uuid(1)] }), view: seeing(aServer({ tags: [] })) }),
      blocks('Lost', `reorder=${ATTEMPT}`, STILL),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });

  test('and a lost one without our tag that is seen again is not taken', () => {
    const snapshot = aSnapshot({ ledger: aLedger({ outcome: lost }), view: seeing(aServer({ tags: [] })) });
    expect(decide(snapshot)).toEqual(blocks('Lost', 'is gone', STILL));
  });

  test('and a lost one that a person said to leave alone is not taken back', () => {
    const snapshot = aSnapshot({ ledger: aLedger({ outcome: lost, forgotten: [uuid(1)] }) });
    expect(decide(snapshot)).toEqual(blocks('Lost', 'is gone', STILL));
  });
});
