import { describe, expect, test } from 'vitest';
import { seconds } from '../../../../src/base/time.ts';
import type { ServerSnapshot } from '../../../../src/core/model/snapshot.ts';
import { decide } from '../../../../src/core/server/decide.ts';
import { ANNOTATION } from '../../../../src/resources/names.ts';
import {
  aLedger,
  aMemory,
  aNewSnapshot,
  aServer,
  aSnapshot,
  ago,
  NOW,
  ourTags,
  seeing,
  STRANGER,
  uuid,
} from '../../../support/builders.ts';
import type { Expected } from '../expectations.ts';
import { blocks, STILL, waits } from '../expectations.ts';

const two = aServer({ uuid: uuid(2) });
const THIRD = '33333333-cccc-4000-8000-000000000003';

describe('more than one live server', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    [
      'blocks and names the one that is not in the ledger',
      aSnapshot({ view: seeing(aServer(), two) }),
      blocks('DuplicateServers', `release=${uuid(2)}`),
    ],
    [
      'asks to release none that another object claims too, for that answer would be refused',
      aSnapshot({ view: seeing(aServer(), { ...two, tags: [...two.tags, `flexmetal-uid:${STRANGER}`] }) }),
      blocks('DuplicateServers', `(${uuid(2)} also carries ${STRANGER})`),
    ],
    [
      'asks to forget it instead',
      aSnapshot({ view: seeing(aServer(), { ...two, tags: [...two.tags, `flexmetal-uid:${STRANGER}`] }) }),
      blocks('DuplicateServers', `forget=${uuid(2)}`),
    ],
    [
      'asks to release none beside its own server when another object claims that one',
      aSnapshot({ view: seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] }), two) }),
      blocks('DuplicateServers', `forget=${uuid(1)}`),
    ],
    [
      'asks to let one live on when its own lost its tag and how it came to it is not proved',
      aSnapshot({
        ledger: aLedger({ outcome: { kind: 'created', server: uuid(1), proof: 'settled', at: NOW } }),
        view: seeing(aServer({ tags: [] }), two),
      }),
      blocks(
        'DuplicateServers',
        `The object owns none but one of them for certain, so none can be released, or let one live on its own: kubectl -n games annotate fms web --overwrite ${ANNOTATION.resolve}=forget=${uuid(2)}`,
      ),
    ],
    [
      'names all who claim them',
      aSnapshot({
        view: seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] }), {
          ...two,
          tags: [...two.tags, `flexmetal-uid:${STRANGER}`, `flexmetal-uid:${THIRD}`],
        }),
      }),
      blocks(
        'DuplicateServers',
        `(${uuid(1)} also carries ${STRANGER}; ${uuid(2)} also carries ${STRANGER}, ${THIRD}), so none`,
      ),
    ],
    [
      'asks for the one that can be released where there is one',
      aSnapshot({
        view: seeing(
          aServer(),
          { ...two, tags: [...two.tags, `flexmetal-uid:${STRANGER}`] },
          aServer({ uuid: uuid(3) }),
        ),
      }),
      blocks('DuplicateServers', `release=${uuid(3)}`),
    ],
    [
      'blocks without a ledger, too',
      aNewSnapshot({ view: seeing(aServer(), two) }),
      blocks('DuplicateServers', '2 live servers'),
    ],
    [
      'counts one that only a single read has shown',
      aSnapshot({ memory: aMemory({ reads: { [uuid(2)]: { server: two, at: ago(seconds(1)), notFoundAt: [] } } }) }),
      blocks('DuplicateServers', uuid(2)),
    ],
    [
      'counts our own without its tags',
      aSnapshot({ view: seeing(aServer({ tags: [] }), two) }),
      blocks('DuplicateServers', `${uuid(1)}, ${uuid(2)}`),
    ],
    [
      'names five at most',
      aSnapshot({ view: seeing(...[1, 2, 3, 4, 5, 6, 7].map((n) => aServer({ uuid: uuid(n) }))) }),
      blocks('DuplicateServers', `${uuid(5)} and 2 more`),
    ],
    [
      'does not count dead ones',
      aSnapshot({ view: seeing(aServer(), { ...two, status: 'failed' }) }),
      waits('Ready', 'delivered', STILL),
    ],
    [
      'does not count those that a person said to leave alone',
      aSnapshot({ ledger: aLedger({ forgotten: [uuid(2)] }), view: seeing(aServer(), two) }),
      waits('Ready', 'delivered', STILL),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

test('a server of ours that another object claims too is neither changed nor released', () => {
  const view = seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] }));
  expect(decide(aSnapshot({ view }))).toEqual(blocks('OwnershipUnproven', `forget=${uuid(1)}`));
});

test('everybody who claims a server of ours is named', () => {
  const view = seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`, `flexmetal-uid:${THIRD}`] }));
  expect(decide(aSnapshot({ view }))).toEqual(blocks('OwnershipUnproven', `(${STRANGER}, ${THIRD})`));
});
