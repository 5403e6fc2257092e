import { describe, expect, test } from 'vitest';
import { seconds } from '../../../../src/base/time.ts';
import type { ServerRecord } from '../../../../src/core/model/server-record.ts';
import type { ServerSnapshot } from '../../../../src/core/model/snapshot.ts';
import { decide } from '../../../../src/core/server/decide.ts';
import { claimChanges } from '../../../../src/core/server/rules/tags.ts';
import { clusterTag, uidTag } from '../../../../src/resources/names.ts';
import {
  aLedger,
  aMemory,
  anObject,
  aServer,
  aSettings,
  aSnapshot,
  ago,
  CLUSTER,
  NEXT_ATTEMPT,
  NOW,
  ourTags,
  seeing,
  STRANGER,
  UID,
  uuid,
  withSpec,
} from '../../../support/builders.ts';
import type { Expected } from '../expectations.ts';
import { acts, after, STILL, waits } from '../expectations.ts';

const adds = (tag: string): Expected => acts({ kind: 'addTag', server: uuid(1), tag });
const removes = (tag: string): Expected => acts({ kind: 'removeTag', server: uuid(1), tag });
const ready = waits('Ready', 'as wanted', STILL);
const tagged = (...tags: readonly string[]) => seeing(aServer({ tags: [...ourTags(), ...tags] }));
const applied = (...tags: string[]) => anObject({ status: { appliedTags: tags } });
const refused = (...keys: readonly string[]) =>
  aMemory({
    retries: Object.fromEntries(keys.map((key) => [key, { failures: 1, notBefore: ago(-3_000), message: 'Refused.' }])),
  });
const adopted = aLedger({ outcome: { kind: 'created', server: uuid(1), proof: 'adopted', at: NOW } });
const takenOver = seeing(aServer({ tags: [...ourTags(), uidTag(STRANGER)] }));

describe('tags', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    ['that are as wanted need nothing', aSnapshot({ spec: withSpec({ tags: ['web'] }), view: tagged('web') }), ready],
    ['that are missing are added', aSnapshot({ spec: withSpec({ tags: ['web'] }) }), adds('web')],
    ['of strangers stay', aSnapshot({ view: tagged('theirs') }), ready],
    [
      'that we applied and nobody wants any more come off',
      aSnapshot({ view: tagged('old'), object: applied('old') }),
      removes('old'),
    ],
    ['that we applied and that are gone already need nothing', aSnapshot({ object: applied('old') }), ready],
    [
      'are mended ours first',
      aSnapshot({
        spec: withSpec({ tags: ['web'] }),
        view: seeing(aServer({ tags: ourTags().filter((tag) => !tag.startsWith('flexmetal-object:')) })),
      }),
      adds(ourTags()[4] ?? ''),
    ],
    [
      'of a second attempt are not added: the one of the order stays',
      aSnapshot({ view: seeing(aServer({ tags: ourTags(NEXT_ATTEMPT) })) }),
      ready,
    ],
    [
      'of the attempt are added where there are none',
      aSnapshot({ view: seeing(aServer({ tags: ourTags().filter((tag) => !tag.startsWith('flexmetal-attempt:')) })) }),
      adds(ourTags().find((tag) => tag.startsWith('flexmetal-attempt:')) ?? ''),
    ],
    [
      'that are refused hold up no other',
      aSnapshot({ spec: withSpec({ tags: ['bad', 'web'] }), memory: refused('tag:+bad') }),
      adds('web'),
    ],
    [
      'that are refused are shown with their time, and the server is not ready',
      aSnapshot({ spec: withSpec({ tags: ['bad'] }), memory: refused('tag:+bad') }),
      waits('TagsPending', 'first: add bad). Refused.', after(seconds(3))),
    ],
    [
      'that are refused are tried again when the first of them may be',
      aSnapshot({
        spec: withSpec({ tags: ['bad', 'worse', 'web'] }),
        memory: aMemory({
          retries: {
            'tag:+bad': { failures: 1, notBefore: ago(-5_000), message: 'Refused.' },
            'tag:+worse': { failures: 1, notBefore: ago(-3_000), message: 'Refused too.' },
            'tag:+web': { failures: 1, notBefore: ago(-4_000), message: 'Refused as well.' },
          },
        }),
      }),
      waits('TagsPending', '3 tags are not as wanted (first: add bad). Refused.', after(seconds(3))),
    ],
    [
      'are not changed in mode observe',
      aSnapshot({ spec: withSpec({ tags: ['web'] }), settings: aSettings({ mode: 'observe' }) }),
      waits('ObserveMode', 'changes none', STILL),
    ],
    [
      'of a server that is going are not changed',
      aSnapshot({ spec: withSpec({ tags: ['web'] }), view: seeing(aServer({ status: 'releasing' })) }),
      waits('Releasing', 'not by this operator'),
    ],
    [
      'are not changed by a spec that cannot be used',
      aSnapshot({ spec: { kind: 'invalid', message: 'no' }, view: tagged('old'), object: applied('old') }),
      ready,
    ],
    [
      "of an adopted server's former owner come off first",
      aSnapshot({ ledger: adopted, view: takenOver }),
      removes(uidTag(STRANGER)),
    ],
    [
      "of an adopted server's former owner stay when that owner lives",
      aSnapshot({ ledger: adopted, view: takenOver, livingUids: new Set([UID, STRANGER]) }),
      { ...waits('OwnershipUnproven', STRANGER), stalled: true },
    ],
    [
      'of another owner stay on a server that nobody adopted',
      aSnapshot({ view: takenOver }),
      { ...waits('OwnershipUnproven', STRANGER), stalled: true },
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

describe('what keeps the tags of an adopted server from saying so', () => {
  const claims = (differing: Partial<ServerRecord>, ledger = adopted) =>
    claimChanges(aSnapshot({ ledger }), aServer({ tags: [clusterTag(CLUSTER), uidTag(STRANGER)], ...differing }));
  const both = [
    { kind: 'add', tag: uidTag(UID) },
    { kind: 'remove', tag: uidTag(STRANGER) },
  ];
  test.each<[string, ReturnType<typeof claims>, unknown]>([
    ['is our missing mark, and then the former one', claims({}), both],
    ['is nothing on another server', claims({ uuid: uuid(2), tags: [] }), []],
    ['is nothing on a server that is released', claims({ status: 'released' }), []],
    ['is nothing on a server that came of our order', claims({ tags: [] }, aLedger()), []],
  ])('%s', (_name, changes, expected) => {
    expect(changes).toEqual(expected);
  });
});
