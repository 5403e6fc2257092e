import { aSample } from '../sample.ts';
import type { ContractCase } from './cases.ts';

export const createCases: readonly ContractCase[] = [
  [
    'a new object gets defaults, uid, time and generation, and no status of its own',
    async (session) => {
      await session.post(session.samples, aSample('one', { status: { phase: 'Mine' } }));
      await session.get(session.sample('one'));
    },
  ],
  [
    'what the server decides is taken from nobody',
    async (session) => {
      const metadata = {
        uid: '11111111-1111-4111-8111-111111111111',
        generation: 7,
        creationTimestamp: '2001-01-01T00:00:00Z',
        deletionTimestamp: '2001-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 5,
        finalizers: ['example.com/hold'],
      };
      await session.post(session.samples, aSample('one', { metadata }));
    },
  ],
  [
    'unknown fields go, free ones stay, nulls go unless they may be null',
    async (session) => {
      const spec = {
        unknown: 1,
        word: null,
        note: null,
        policy: null,
        free: { any: { thing: null } },
        labels: { a: 'b', c: null },
        parts: [
          { name: 'a', other: true },
          { name: 'b', size: null },
        ],
        nested: { more: 1 },
        port: 'http',
      };
      const body = {
        ...aSample('one', { spec, metadata: { unknown: true, labels: {}, annotations: null } }),
        other: 1,
      };
      await session.post(session.samples, body);
    },
  ],
  [
    'a field that is required must be there',
    async (session) => {
      await session.post(session.samples, { ...aSample('one'), spec: {} });
      await session.post(session.samples, { ...aSample('one'), spec: undefined });
      await session.post(session.samples, aSample('one', { spec: { parts: [{ size: 2 }] } }));
    },
  ],
  [
    'values must fit their types',
    async (session) => {
      await session.post(session.samples, aSample('one', { spec: { place: 5 } }));
      await session.post(session.samples, aSample('one', { spec: { tags: 'a' } }));
      await session.post(session.samples, aSample('one', { spec: { nested: [] } }));
      await session.post(session.samples, aSample('one', { spec: { count: 1.5, port: true } }));
    },
  ],
  [
    'values must fit their bounds',
    async (session) => {
      await session.post(session.samples, aSample('one', { spec: { place: '' } }));
      await session.post(session.samples, aSample('one', { spec: { place: 'much too long a place' } }));
      await session.post(session.samples, aSample('one', { spec: { word: 'Upper' } }));
      await session.post(session.samples, aSample('one', { spec: { policy: 'Other' } }));
      await session.post(session.samples, aSample('one', { spec: { count: 0 } }));
      await session.post(session.samples, aSample('one', { spec: { count: 10 } }));
      await session.post(session.samples, aSample('one', { spec: { tags: ['a', 'b', 'c', 'd'] } }));
      await session.post(session.samples, aSample('one', { spec: { place: '', word: 'Upper' } }));
    },
  ],
  [
    'sets and maps hold nothing twice',
    async (session) => {
      await session.post(session.samples, aSample('one', { spec: { tags: ['a', 'b', 'a'] } }));
      await session.post(session.samples, aSample('one', { spec: { parts: [{ name: 'a' }, { name: 'a', size: 2 }] } }));
    },
  ],
  [
    'a name is taken once',
    async (session) => {
      await session.post(session.samples, aSample('one'));
      await session.post(session.samples, aSample('one', { spec: { place: 'there' } }));
    },
  ],
  [
    'a name must be there and be a name',
    async (session) => {
      await session.post(session.samples, { ...aSample('one'), metadata: {} });
      await session.post(session.samples, aSample('Not_a_name'));
    },
  ],
  [
    'metadata must be what metadata is',
    async (session) => {
      await session.post(session.samples, aSample('one', { metadata: { labels: { 'a b': 'c' } } }));
      await session.post(session.samples, aSample('one', { metadata: { labels: { a: 'not a value' } } }));
      await session.post(session.samples, aSample('one', { metadata: { annotations: { 'a b': 'c' } } }));
      await session.post(session.samples, aSample('one', { metadata: { annotations: { a: 5 } } }));
      await session.post(session.samples, aSample('one', { metadata: { finalizers: ['not a name'] } }));
      await session.post(session.samples, aSample('one', { metadata: { finalizers: ['unqualified'] } }));
    },
  ],
  [
    'annotations have room for 256 KiB',
    async (session) => {
      await session.post(session.samples, aSample('one', { metadata: { annotations: { a: 'x'.repeat(262_143) } } }));
      await session.post(session.samples, aSample('two', { metadata: { annotations: { a: 'x'.repeat(262_144) } } }));
    },
  ],
  [
    'an object is made where the path says and as what the path says',
    async (session) => {
      await session.post(session.samples, aSample('one', { metadata: { namespace: 'default' } }));
      await session.post(session.samples, { ...aSample('one'), kind: 'Other' });
      await session.post(session.samples, { ...aSample('one'), apiVersion: 'contract.example.com/v2' });
      await session.post(session.samples, 'no JSON');
      await session.post(session.samples, '[]');
    },
  ],
  [
    'a new object brings no resourceVersion',
    async (session) => {
      await session.post(session.samples, aSample('one', { metadata: { resourceVersion: '5' } }));
    },
  ],
  [
    'there is nothing in a namespace that is not there',
    async (session) => {
      const elsewhere = session.samples.replace(session.namespace, 'no-such-namespace');
      await session.post(elsewhere, aSample('one'));
      await session.get(`${elsewhere}/one`);
      await session.get(elsewhere);
    },
  ],
];
