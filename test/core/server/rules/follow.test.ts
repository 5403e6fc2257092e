import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../../src/base/time.ts';
import type { ServerRecord } from '../../../../src/core/model/server-record.ts';
import type { ServerSnapshot } from '../../../../src/core/model/snapshot.ts';
import { decide } from '../../../../src/core/server/decide.ts';
import { follow } from '../../../../src/core/server/rules/follow.ts';
import { ANNOTATION } from '../../../../src/resources/names.ts';
import {
  aListing,
  aNewSnapshot,
  aServer,
  aSnapshot,
  ATTEMPT,
  aView,
  ago,
  before,
  seeing,
  uuid,
  withSpec,
} from '../../../support/builders.ts';
import type { Expected } from '../expectations.ts';
import { blocks, STILL, waits } from '../expectations.ts';

describe('a server is followed', () => {
  const seen = (differing: Partial<ServerRecord>, more: Partial<ServerSnapshot> = {}): ServerSnapshot =>
    aSnapshot({ view: seeing(aServer(differing)), ...more });
  test.each<[string, ServerSnapshot, Expected]>([
    ['delivered', aSnapshot(), waits('Ready', 'delivered', STILL)],
    ['delivered in other letters', seen({ status: 'Delivered' }), waits('Ready', 'delivered', STILL)],
    ['delivered without an address', seen({ addresses: [] }), waits('AddressesPending', 'no address')],
    ['being delivered', seen({ status: 'provisioning' }), waits('Provisioning', 'says provisioning')],
    ['in a state that nobody knows', seen({ status: 'quarantined' }), waits('Provisioning', 'says quarantined')],
    [
      'slow, after 45 minutes',
      seen({ status: 'provisioning', createdAt: before(minutes(45)) }),
      blocks('Slow', 'longer than provisioningTimeout (45 min)'),
    ],
    [
      'not slow a moment before',
      seen({ status: 'provisioning', createdAt: before(minutes(45) - 1) }),
      waits('Provisioning', 'provisioning'),
    ],
    [
      'slow by the time of its own spec',
      seen({ status: 'provisioning' }, { spec: withSpec({ provisioningTimeout: '20m' }) }),
      blocks('Slow', '20 min'),
    ],
    [
      'slow since its request when the vendor does not date it',
      seen({ status: 'created', createdAt: undefined }, { spec: withSpec({ provisioningTimeout: '30m' }) }),
      blocks('Slow', 'still created'),
    ],
    ['delivered late all the same', seen({ createdAt: before(minutes(300)) }), waits('Ready', 'delivered', STILL)],
    [
      'failed, with what the vendor says',
      seen({ status: 'failed', statusMessage: 'no disk' }),
      blocks('ProvisioningFailed', 'The vendor says: no disk.', STILL),
    ],
    ['failed, with the way out', seen({ status: 'failed' }), blocks('ProvisioningFailed', `reorder=${ATTEMPT}`, STILL)],
    ['released by somebody else', seen({ status: 'releasing' }), waits('Releasing', 'not by this operator')],
    [
      'unseen for five minutes',
      aSnapshot({ view: aView([aListing([aServer()], minutes(5) + 1)]) }),
      waits('ObservationStale', 'not seen recently'),
    ],
    [
      'seen five minutes ago',
      aSnapshot({ view: aView([aListing([aServer()], minutes(5))]) }),
      waits('Ready', 'delivered', STILL),
    ],
    [
      'unseen since the token is wrong',
      aSnapshot({
        view: aView([aListing([aServer()], minutes(6))], {
          failure: {
            kind: 'unreadable',
            failure: { kind: 'credentials', message: 'HTTP 401: check the token.' },
            at: ago(seconds(1)),
          },
        }),
      }),
      blocks('CredentialsInvalid', 'HTTP 401'),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });

  test('from failed to delivered', () => {
    const view = aView([aListing([aServer({ status: 'failed' })], seconds(20)), aListing([aServer()])]);
    expect(decide(aSnapshot({ view }))).toEqual(waits('Ready', 'delivered', STILL));
  });
});

describe('the end of the chain says, word for word', () => {
  test.each<[string, ServerSnapshot, string]>([
    ['that nothing was looked at', aNewSnapshot(), 'Waiting for the first look at this object.'],
    [
      'that the server was not seen',
      aSnapshot({ view: aView([aListing([aServer()], minutes(6))]) }),
      `Server ${uuid(1)} was not seen recently, so its state is not known.`,
    ],
    ...['the FlexMetal API does not answer (HTTP 503)', 'the FlexMetal API does not answer (HTTP 503).'].map(
      (message): [string, ServerSnapshot, string] => [
        `and why: ${message}`,
        aSnapshot({
          view: aView([aListing([aServer()], minutes(6))], {
            failure: { kind: 'unreadable', failure: { kind: 'unavailable', message }, at: ago(seconds(1)) },
          }),
        }),
        `Server ${uuid(1)} was not seen recently, so its state is not known: the FlexMetal API does not answer (HTTP 503).`,
      ],
    ),
    [
      'that the server failed, when the vendor says nothing more',
      aSnapshot({ view: seeing(aServer({ status: 'failed' })) }),
      `Server ${uuid(1)} failed to be delivered. Nothing is ordered in its place by itself. To order a new one: kubectl -n games annotate fms web --overwrite ${ANNOTATION.resolve}=reorder=${ATTEMPT}; or delete the object.`,
    ],
    [
      'which tags are missing, when none was tried',
      aSnapshot({ spec: withSpec({ tags: ['web'] }) }),
      '1 tags are not as wanted (first: add web).',
    ],
  ])('%s', (_name, snapshot, message) => {
    expect(follow(snapshot).message).toBe(message);
  });
});
