import { aSample } from '../sample.ts';
import type { ContractCase } from './cases.ts';
import { versionOf } from './session.ts';

export const statusCases: readonly ContractCase[] = [
  [
    'the main endpoint leaves status alone',
    async (session) => {
      await session.post(session.samples, aSample('one'));
      await session.patch(session.sample('one'), { status: { phase: 'Mine' }, metadata: { annotations: { a: 'b' } } });
      await session.patch(session.sample('one', 'status'), { status: { phase: 'Up' } });
      await session.patch(session.sample('one'), { status: { phase: 'Mine' }, spec: { place: 'there' } });
      await session.patch(session.sample('one'), { status: null });
    },
  ],
  [
    'the status endpoint changes status and nothing else',
    async (session) => {
      await session.post(
        session.samples,
        aSample('one', { metadata: { labels: { a: 'b' }, finalizers: ['example.com/hold'] } }),
      );
      const metadata = { labels: { a: 'c' }, annotations: { d: 'e' }, finalizers: [] };
      await session.patch(session.sample('one', 'status'), {
        metadata,
        spec: { place: 'there' },
        status: { phase: 'Up' },
      });
      await session.get(session.sample('one', 'status'));
    },
  ],
  [
    'status that is as it was writes nothing',
    async (session) => {
      await session.post(session.samples, aSample('one'));
      await session.patch(session.sample('one', 'status'), { status: { phase: 'Up' } });
      await session.patch(session.sample('one', 'status'), { status: { phase: 'Up' } });
      await session.patch(session.sample('one', 'status'), { metadata: { annotations: { ignored: 'here' } } });
    },
  ],
  [
    'status is guarded by the version of the whole object',
    async (session) => {
      const first = await session.post(session.samples, aSample('one'));
      await session.patch(session.sample('one'), { metadata: { annotations: { a: 'b' } } });
      const stale = { metadata: { resourceVersion: versionOf(first) }, status: { phase: 'Up' } };
      await session.patch(session.sample('one', 'status'), stale);
      const now = await session.get(session.sample('one'));
      await session.patch(session.sample('one', 'status'), { ...stale, metadata: { resourceVersion: versionOf(now) } });
    },
  ],
  [
    'status is pruned, defaulted and checked like spec',
    async (session) => {
      await session.post(session.samples, aSample('one'));
      await session.patch(session.sample('one', 'status'), { status: { phase: 'Up', unknown: 1 } });
      await session.patch(session.sample('one', 'status'), { status: { phase: 'much too long a phase' } });
      await session.patch(session.sample('one', 'status'), {
        status: { conditions: [{ type: 'Ready', status: 'Perhaps' }] },
      });
      await session.patch(session.sample('one', 'status'), { status: { seenAt: 'yesterday' } });
      await session.patch(session.sample('one', 'status'), { status: { seenAt: '2026-11-24T20:00:00Z' } });
      await session.patch(session.sample('one', 'status'), { status: { conditions: null } });
      await session.patch(session.sample('one', 'status'), { status: null });
      await session.get(session.sample('one'));
    },
  ],
  [
    'status by JSON patch and by PUT',
    async (session) => {
      await session.post(session.samples, aSample('one'));
      await session.patch(session.sample('one', 'status'), [{ op: 'add', path: '/status/phase', value: 'Up' }], 'json');
      const now = await session.get(session.sample('one'));
      const put = { ...now.body, spec: { place: 'there' }, status: { phase: 'Down' } };
      await session.put(session.sample('one', 'status'), put);
      await session.put(session.sample('one', 'status'), put);
    },
  ],
];
