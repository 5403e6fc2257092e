import { aSample } from '../sample.ts';
import type { ContractCase } from './cases.ts';
import type { Session } from './session.ts';
import { uidOf, versionOf } from './session.ts';

const HELD = { metadata: { finalizers: ['example.com/a', 'example.com/b'] } };

async function heldAndDeleted(session: Session): Promise<void> {
  await session.post(session.samples, aSample('one', HELD));
  await session.delete(session.sample('one'));
}

export const deleteCases: readonly ContractCase[] = [
  [
    'an object that nothing holds is gone at once',
    async (session) => {
      await session.post(session.samples, aSample('one'));
      await session.delete(session.sample('one'));
      await session.get(session.sample('one'));
      await session.delete(session.sample('one'));
    },
  ],
  [
    'finalizers hold an object that is deleted; to delete it again changes nothing',
    async (session) => {
      await heldAndDeleted(session);
      await session.delete(session.sample('one'));
      await session.get(session.sample('one'));
    },
  ],
  [
    'the object goes with its last finalizer',
    async (session) => {
      await heldAndDeleted(session);
      await session.patch(session.sample('one'), { metadata: { finalizers: ['example.com/b'] } });
      await session.patch(session.sample('one'), { metadata: { finalizers: null } });
      await session.get(session.sample('one'));
    },
  ],
  [
    'the last finalizer may go by PUT or JSON patch',
    async (session) => {
      await heldAndDeleted(session);
      const now = await session.get(session.sample('one'));
      await session.put(session.sample('one'), aSample('one', { metadata: { resourceVersion: versionOf(now) } }));
      await session.get(session.sample('one'));
      await heldAndDeleted(session);
      await session.patch(session.sample('one'), [{ op: 'remove', path: '/metadata/finalizers' }], 'json');
      await session.get(session.sample('one'));
    },
  ],
  [
    'a finalizer goes with the present version only, if one is named',
    async (session) => {
      await heldAndDeleted(session);
      const now = await session.get(session.sample('one'));
      await session.patch(session.sample('one', 'status'), { status: { phase: 'Down' } });
      await session.patch(session.sample('one'), { metadata: { resourceVersion: versionOf(now), finalizers: [] } });
      await session.get(session.sample('one'));
    },
  ],
  [
    'while an object is deleted it takes no new finalizer, but other changes',
    async (session) => {
      await heldAndDeleted(session);
      await session.patch(session.sample('one'), {
        metadata: { finalizers: ['example.com/a', 'example.com/b', 'example.com/c'] },
      });
      await session.patch(session.sample('one'), { metadata: { finalizers: ['example.com/c'] } });
      await session.patch(session.sample('one'), { metadata: { finalizers: ['example.com/b', 'example.com/a'] } });
      await session.patch(session.sample('one'), { metadata: { annotations: { a: 'b' } } });
      await session.patch(session.sample('one'), { spec: { place: 'there' } });
      await session.patch(session.sample('one', 'status'), { status: { phase: 'Down' } });
    },
  ],
  [
    'a deletion cannot be taken back',
    async (session) => {
      await heldAndDeleted(session);
      await session.patch(session.sample('one'), {
        metadata: { deletionTimestamp: null, deletionGracePeriodSeconds: null },
      });
      await session.patch(session.sample('one'), { metadata: { deletionGracePeriodSeconds: 60 } });
    },
  ],
  [
    'a deletion may name whom it means',
    async (session) => {
      const first = await session.post(session.samples, aSample('one'));
      await session.delete(session.sample('one'), { preconditions: { uid: '11111111-1111-4111-8111-111111111111' } });
      await session.patch(session.sample('one'), { spec: { place: 'there' } });
      await session.delete(session.sample('one'), { preconditions: { resourceVersion: versionOf(first) } });
      await session.delete(session.sample('one'), {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        preconditions: { uid: uidOf(first) },
      });
      await session.get(session.sample('one'));
    },
  ],
  [
    'the same name later is another object',
    async (session) => {
      const first = await session.post(session.samples, aSample('one'));
      await session.delete(session.sample('one'));
      await session.post(session.samples, aSample('one'));
      await session.patch(session.sample('one'), {
        metadata: { resourceVersion: versionOf(first), annotations: { a: 'b' } },
      });
      await session.delete(session.sample('one'), { preconditions: { uid: uidOf(first) } });
    },
  ],
];
