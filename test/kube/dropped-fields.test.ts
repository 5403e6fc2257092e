import { expect, test } from 'vitest';
import { DroppedFields } from '../../src/kube/dropped-fields.ts';

const dropped = (sent: unknown, kept: unknown): readonly string[] => {
  const fields = new DroppedFields();
  fields.seen(sent, kept);
  return fields.fields;
};

test.each([
  [
    'nothing, when all is kept',
    { phase: 'Ready', order: { revision: 1 } },
    { phase: 'Ready', order: { revision: 1 } },
    [],
  ],
  ['nothing, when only more came back', { phase: 'Ready' }, { phase: 'Ready', since: 'x' }, []],
  ['nothing, when a field was deleted', { phase: null, order: { attempt: null } }, { order: {} }, []],
  ['nothing, when the server wrote a value its own way', { at: '1Gi' }, { at: '1024Mi' }, []],
  ['a field of its own', { phase: 'Ready', fresh: 1 }, { phase: 'Ready' }, ['fresh']],
  ['a field of a field', { order: { revision: 1, attempt: 'a' } }, { order: { attempt: 'a' } }, ['order.revision']],
  [
    'one field of the items of a list',
    {
      list: [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
    },
    { list: [{ a: 1 }, { a: 3 }] },
    ['list.b'],
  ],
  ['no deeper than two levels', { a: { b: { secret: 1 } } }, { a: { b: {} } }, ['a.b']],
  ['everything, when nothing came back', { a: 1, b: { c: 2 } }, undefined, ['']],
])('the API server dropped %s', (_name, sent, kept, expected) => {
  expect(dropped(sent, kept)).toEqual(expected);
});

test('a field counts until a write shows that it is kept, whatever other writes show', () => {
  const fields = new DroppedFields();
  fields.seen({ fresh: 1 }, {});
  fields.seen({ phase: 'Ready' }, { phase: 'Ready' });
  expect(fields.fields).toEqual(['fresh']);
  fields.seen({ fresh: 2 }, { fresh: 2 });
  expect(fields.fields).toEqual([]);
});
