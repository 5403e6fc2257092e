import { aSample } from '../sample.ts';
import type { ContractCase } from './cases.ts';
import { uidOf, versionOf } from './session.ts';

export const replaceCases: readonly ContractCase[] = [
  [
    'a PUT replaces what it does not name',
    async (session) => {
      const metadata = { labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['example.com/hold'] };
      await session.post(session.samples, aSample('one', { metadata, spec: { word: 'abc' } }));
      const now = await session.patch(session.sample('one', 'status'), { status: { phase: 'Up' } });
      await session.put(session.sample('one'), aSample('one', { metadata: { resourceVersion: versionOf(now) } }));
    },
  ],
  [
    'a PUT must name the present version',
    async (session) => {
      const first = await session.post(session.samples, aSample('one'));
      await session.put(session.sample('one'), aSample('one', { spec: { place: 'there' } }));
      await session.patch(session.sample('one'), { spec: { place: 'away' } });
      await session.put(session.sample('one'), aSample('one', { metadata: { resourceVersion: versionOf(first) } }));
    },
  ],
  [
    'a PUT of another object is refused',
    async (session) => {
      const first = await session.post(session.samples, aSample('one'));
      const resourceVersion = versionOf(first);
      const uid = '11111111-1111-4111-8111-111111111111';
      await session.put(session.sample('one'), aSample('one', { metadata: { resourceVersion, uid } }));
      await session.put(session.sample('one'), aSample('two', { metadata: { resourceVersion } }));
      await session.put(session.sample('two'), aSample('two'));
      await session.put(session.sample('one'), aSample('one', { metadata: { resourceVersion, uid: uidOf(first) } }));
    },
  ],
  [
    'a PUT of what was read writes nothing, once the defaults of status are stored',
    async (session) => {
      const first = await session.post(session.samples, aSample('one'));
      const second = await session.put(session.sample('one'), first.body);
      await session.put(session.sample('one'), second.body);
    },
  ],
];
