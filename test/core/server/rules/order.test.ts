import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../../src/base/time.ts';
import type { ServerSnapshot } from '../../../../src/core/model/snapshot.ts';
import { decide } from '../../../../src/core/server/decide.ts';
import {
  aMemory,
  anEntry,
  anObject,
  aRequest,
  aServer,
  aSettings,
  aSnapshot,
  ago,
  NOW,
  OPEN,
  OTHER_ACCOUNT,
  seeing,
  unsent,
} from '../../../support/builders.ts';
import type { Expected } from '../expectations.ts';
import { acts, after, asks, blocks, next, waits, writes } from '../expectations.ts';

const entry = anEntry({ outcome: OPEN });
const request = aRequest();
const withdrawn = writes(next(entry, { kind: 'withdrawn', at: NOW }));
const retry = { failures: 1, notBefore: ago(-2_000), message: 'not connected' };

/** The intent is durable in both places, and this process wrote and did not send it. */
const intended = (differing: Partial<ServerSnapshot> = {}): ServerSnapshot =>
  aSnapshot({
    ledger: { kind: 'entry', entry, inAnnotation: true, inStatus: true },
    memory: aMemory({ intent: unsent() }),
    view: seeing(),
    inputs: { kind: 'ready', request },
    ...differing,
  });

describe('an intent that was not sent', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    ['is sent', intended(), acts({ kind: 'createServer', entry, request })],
    ['asks for the order', intended({ inputs: { kind: 'notAsked' } }), asks({ kind: 'inputs' })],
    [
      'waits for Secrets that went missing',
      intended({ inputs: { kind: 'missing', message: 'the Secret is gone' } }),
      blocks('InputsMissing', 'the Secret is gone', after(minutes(1))),
    ],
    [
      'waits until status holds it too',
      intended({ ledger: { kind: 'entry', entry, inAnnotation: true, inStatus: false } }),
      waits('Ordering', 'is being made', after(seconds(1))),
    ],
    [
      'waits for its own time after it could not be sent',
      intended({ memory: aMemory({ intent: unsent(), retries: { create: retry } }) }),
      waits('Ordering', 'not connected', after(seconds(2))),
    ],
    ['is withdrawn when the spec changed', intended({ spec: hashed('another') }), withdrawn],
    ['is withdrawn when the spec became invalid', intended({ spec: { kind: 'invalid', message: 'no' } }), withdrawn],
    ['is withdrawn in mode observe', intended({ settings: aSettings({ mode: 'observe' }) }), withdrawn],
    [
      'is withdrawn when the token changed',
      intended({ account: { kind: 'known', account: OTHER_ACCOUNT } }),
      withdrawn,
    ],
    [
      'is withdrawn when the new token is of the same account: the ledger names the old one',
      intended({
        account: { kind: 'known', account: OTHER_ACCOUNT },
        view: { ...seeing(), continuedFrom: () => true },
      }),
      withdrawn,
    ],
    [
      'is kept while the token cannot be read',
      intended({ account: { kind: 'unreadable', message: 'no file' } }),
      acts({ kind: 'createServer', entry, request }),
    ],
    ['is withdrawn when a server of ours turned up', intended({ view: seeing(aServer()) }), withdrawn],
    [
      'that is outdated is not sent while it cannot be withdrawn',
      intended({
        spec: hashed('another'),
        memory: aMemory({ intent: unsent(), retries: { ledger: { ...retry, message: 'no answer' } } }),
      }),
      waits('Ordering', 'no answer', after(seconds(2))),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });

  function hashed(hash: string): ServerSnapshot['spec'] {
    const { spec } = aSnapshot();
    return spec.kind === 'valid' ? { ...spec, hash } : spec;
  }
});

test('of the same intent another process concludes that it may have been sent', () => {
  expect(decide(intended({ memory: aMemory() }))).toEqual(waits('OrderUnclear', 'may have ordered a server'));
});

test('with a ledger that only one place holds, nothing is known to be unsent in another process', () => {
  const ledger = { kind: 'entry', entry, inAnnotation: true, inStatus: false } as const;
  expect(decide(intended({ ledger, memory: aMemory() }))).toEqual(waits('OrderUnclear', 'may have ordered a server'));
});

test('an intent whose copy in status cannot be read is not waited for in silence', () => {
  const ledger = { kind: 'entry', entry, inAnnotation: true, inStatus: false } as const;
  const broken = anObject({ statusLedger: { kind: 'unreadable', text: '{}' } });
  expect(decide(intended({ ledger, object: broken }))).toEqual(
    blocks('OrderUnclear', 'The copy of the order ledger in status.order cannot be read', { kind: 'onChange' }),
  );
});
