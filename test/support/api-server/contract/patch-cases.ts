import { aSample } from '../sample.ts';
import type { ContractCase } from './cases.ts';
import { uidOf, versionOf } from './session.ts';

export const patchCases: readonly ContractCase[] = [
  [
    'a change of spec is a new generation, a change of metadata is not',
    async (session) => {
      await session.post(session.samples, aSample('one'));
      await session.patch(session.sample('one'), { spec: { place: 'there' } });
      await session.patch(session.sample('one'), { metadata: { annotations: { a: 'b' }, labels: { c: 'd' } } });
      await session.patch(session.sample('one'), { metadata: { annotations: { a: null } } });
      await session.patch(session.sample('one'), { metadata: { generation: 9, creationTimestamp: null } });
    },
  ],
  [
    'a change that changes nothing writes nothing, once the defaults of status are stored',
    async (session) => {
      await session.post(session.samples, aSample('one'));
      await session.patch(session.sample('one'), { spec: { place: 'here' } });
      await session.patch(session.sample('one'), { spec: { place: 'here' } });
      await session.patch(session.sample('one'), {});
      await session.patch(session.sample('one'), { metadata: { annotations: { gone: null } } });
    },
  ],
  [
    'a guarded patch passes with the present version only',
    async (session) => {
      const first = await session.post(session.samples, aSample('one'));
      const guarded = { metadata: { resourceVersion: versionOf(first), annotations: { a: 'b' } } };
      await session.patch(session.sample('one'), guarded);
      await session.patch(session.sample('one'), guarded);
      await session.patch(session.sample('one'), { metadata: { resourceVersion: null, annotations: { c: 'd' } } });
      await session.patch(session.sample('one'), { metadata: { resourceVersion: '0', annotations: { c: 'd' } } });
    },
  ],
  [
    'null takes away; defaults come back',
    async (session) => {
      await session.post(
        session.samples,
        aSample('one', { spec: { policy: 'Retain', word: 'abc', nested: { mode: 'x' } } }),
      );
      await session.patch(session.sample('one'), { spec: { policy: null, word: null, nested: { mode: null } } });
      await session.patch(session.sample('one'), { spec: { place: null } });
    },
  ],
  [
    'lists are replaced as a whole',
    async (session) => {
      await session.post(
        session.samples,
        aSample('one', { metadata: { finalizers: ['example.com/a', 'example.com/b'] } }),
      );
      await session.patch(session.sample('one'), {
        metadata: { finalizers: ['example.com/c'] },
        spec: { tags: ['x'] },
      });
    },
  ],
  [
    'who an object is does not change',
    async (session) => {
      const first = await session.post(session.samples, aSample('one'));
      await session.patch(session.sample('one'), { metadata: { uid: '11111111-1111-4111-8111-111111111111' } });
      await session.patch(session.sample('one'), { metadata: { uid: uidOf(first), annotations: { same: 'uid' } } });
      await session.patch(session.sample('one'), { metadata: { name: 'two' } });
      await session.patch(session.sample('one'), { metadata: { namespace: 'default' } });
      await session.patch(session.sample('one'), { kind: 'Other' });
      await session.patch(session.sample('one'), { metadata: { deletionTimestamp: '2001-01-01T00:00:00Z' } });
    },
  ],
  [
    'a patch must lead to something valid',
    async (session) => {
      await session.post(session.samples, aSample('one'));
      await session.patch(session.sample('one'), { spec: { policy: 'Other' } });
      await session.patch(session.sample('one'), { spec: 'text' });
      await session.patch(session.sample('one'), { metadata: { annotations: { a: 5 } } });
      await session.patch(session.sample('one'), { metadata: 'text' });
      await session.get(session.sample('one'));
    },
  ],
  [
    'a patch must be a patch',
    async (session) => {
      await session.post(session.samples, aSample('one'));
      await session.patch(session.sample('one'), 'no JSON');
      await session.patch(session.sample('one'), []);
      await session.patch(session.sample('one'), {}, 'json');
      await session.patch(session.sample('one'), 'no JSON', 'json');
      await session.send({ method: 'PATCH', path: session.sample('one'), contentType: 'application/json', body: '{}' });
    },
  ],
  [
    'what is not there cannot be patched',
    async (session) => {
      await session.patch(session.sample('one'), { spec: { place: 'there' } });
      await session.patch(session.sample('one'), [{ op: 'add', path: '/spec/place', value: 'there' }], 'json');
      await session.patch(session.sample('one', 'status'), { status: { phase: 'Up' } });
    },
  ],
  [
    'the operations of a JSON patch',
    async (session) => {
      await session.post(
        session.samples,
        aSample('one', {
          spec: { tags: ['a', 'b'], labels: { x: 'y' } },
          metadata: { annotations: { 'example.com/note': 'old' } },
        }),
      );
      const operations = [
        { op: 'test', path: '/spec/tags/0', value: 'a' },
        { op: 'add', path: '/spec/tags/-', value: 'z' },
        { op: 'remove', path: '/spec/tags/1' },
        { op: 'add', path: '/spec/tags/0', value: 'first' },
        { op: 'replace', path: '/metadata/annotations/example.com~1note', value: 'new' },
        { op: 'copy', from: '/spec/labels/x', path: '/spec/labels/copied' },
        { op: 'move', from: '/spec/labels/x', path: '/spec/labels/moved' },
      ];
      await session.patch(session.sample('one'), operations, 'json');
    },
  ],
  [
    'a JSON patch that does not fit changes nothing',
    async (session) => {
      await session.post(session.samples, aSample('one'));
      const fits = { op: 'replace', path: '/spec/place', value: 'there' };
      await session.patch(session.sample('one'), [fits, { op: 'test', path: '/spec/place', value: 'here' }], 'json');
      await session.patch(session.sample('one'), [fits, { op: 'remove', path: '/spec/word' }], 'json');
      await session.patch(session.sample('one'), [fits, { op: 'replace', path: '/spec/word', value: 'x' }], 'json');
      await session.patch(session.sample('one'), [fits, { op: 'add', path: '/spec/labels/x', value: 'y' }], 'json');
      await session.get(session.sample('one'));
    },
  ],
  [
    'a JSON patch is guarded by testing the version',
    async (session) => {
      const first = await session.post(session.samples, aSample('one'));
      const guarded = [
        { op: 'test', path: '/metadata/resourceVersion', value: versionOf(first) },
        { op: 'add', path: '/metadata/finalizers', value: ['example.com/hold'] },
      ];
      await session.patch(session.sample('one'), guarded, 'json');
      await session.patch(session.sample('one'), guarded, 'json');
    },
  ],
];
