import { describe, expect, test } from 'vitest';
import { ObjectWriter } from '../../../src/controllers/server/writes.ts';
import { formatEntry } from '../../../src/core/model/ledger.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { OwnWrites } from '../../../src/kube/own-writes.ts';
import type { KubeResult } from '../../../src/kube/transport.ts';
import { ANNOTATION, FINALIZER } from '../../../src/resources/names.ts';
import { ok, status } from '../../kube/support/scripted-transport.ts';
import { anEntry, STRANGER } from '../../support/builders.ts';
import { parsed, raw, talkingTo } from './support.ts';

const entry = anEntry();
const OTHER_FINALIZER = 'example.com/keep';

function writingTo(object: KubeObject, answer: KubeResult = ok(object)) {
  const { client, transport } = talkingTo(undefined);
  transport.answer = () => answer;
  const ownWrites = new OwnWrites();
  const statuses: { readonly sent: unknown; readonly kept: unknown }[] = [];
  return {
    writer: new ObjectWriter(client, ownWrites, (sent, kept) => void statuses.push({ sent, kept })),
    statuses,
    object: parsed(object),
    ownWrites,
    patches: () =>
      transport.sent.map(({ method, path, body }) => ({
        to: `${method} ${path.replace(/^.*flexmetalservers/, '').replace(/\?.*$/, '')}`,
        body: JSON.parse(body ?? '{}') as unknown,
      })),
  };
}

describe('the ledger', () => {
  test.each<[string, Record<string, unknown>, object]>([
    ['puts the finalizer on', { finalizers: [OTHER_FINALIZER] }, { finalizers: [OTHER_FINALIZER, FINALIZER] }],
    ['leaves the finalizer where it is', {}, {}],
    [
      'does not put the finalizer on what is being deleted',
      { finalizers: [OTHER_FINALIZER], deletionTimestamp: '2026-11-24T19:59:00Z' },
      {},
    ],
  ])('%s, in one write guarded by the version', async (_name, metadata, finalizers) => {
    const { writer, object, patches } = writingTo(raw(undefined, { metadata }));
    expect(await writer.writeLedger(object, entry)).toMatchObject({ kind: 'written' });
    expect(patches()).toEqual([
      {
        to: 'PATCH /web',
        body: {
          metadata: {
            resourceVersion: '10',
            annotations: { [ANNOTATION.order]: JSON.stringify(formatEntry(entry)) },
            ...finalizers,
          },
        },
      },
    ]);
  });

  test.each<[string, KubeResult, object]>([
    ['somebody wrote first', status(409, 'Conflict'), { kind: 'conflict' }],
    ['the object is gone', status(404, 'NotFound'), { kind: 'gone' }],
    ['another object has its name', ok(raw(entry, { metadata: { uid: STRANGER } })), { kind: 'gone' }],
    ['it was refused', status(422, 'Invalid'), { kind: 'failed', message: expect.stringContaining('it is Invalid') }],
    ['it was forbidden', status(403, 'Forbidden'), { kind: 'failed', message: expect.stringContaining('refused') }],
  ])('says that %s', async (_name, answer, expected) => {
    const { writer, object, ownWrites } = writingTo(raw(undefined), answer);
    expect(await writer.writeLedger(object, entry)).toEqual(expected);
    expect(ownWrites.size).toBe(0);
  });

  test('that was written is remembered until the cache shows it', async () => {
    const { writer, object, ownWrites } = writingTo(
      raw(undefined),
      ok(raw(entry, { metadata: { resourceVersion: '11' } })),
    );
    await writer.writeLedger(object, entry);
    expect(ownWrites.newest(raw(undefined))).toMatchObject({ object: { metadata: { resourceVersion: '11' } } });
  });
});

test('the finalizer goes by the whole list of those that stay, guarded by the version', async () => {
  const { writer, object, patches } = writingTo(raw(entry, { metadata: { finalizers: [OTHER_FINALIZER, FINALIZER] } }));
  await writer.dropFinalizer(object);
  expect(patches()).toEqual([
    { to: 'PATCH /web', body: { metadata: { resourceVersion: '10', finalizers: [OTHER_FINALIZER] } } },
  ]);
});

describe('status', () => {
  const at = '2026-11-24T20:00:00Z';
  const before = { phase: 'Ready', serverUuid: 'abc', lastObservedTime: '2026-11-24T19:00:00Z' };

  test('that is as written is not written, however long ago it was observed', async () => {
    const { writer, object, patches } = writingTo(raw(undefined, { status: before }));
    expect(await writer.writeStatus(object, before, at)).toBeUndefined();
    expect(patches()).toEqual([]);
  });

  test('is written by its differences, with the time of the observation', async () => {
    const { writer, object, patches } = writingTo(raw(undefined, { status: before }));
    await writer.writeStatus(object, { phase: 'Lost', lastObservedTime: before.lastObservedTime }, at);
    expect(patches()).toEqual([
      {
        to: 'PATCH /web/status',
        body: {
          metadata: { resourceVersion: '10' },
          status: { phase: 'Lost', serverUuid: null, lastObservedTime: at },
        },
      },
    ]);
  });

  test('never overwrites a copy of the ledger that cannot be read', async () => {
    const order = { attempt: 'of another version' };
    const { writer, object, patches } = writingTo(raw(undefined, { status: { ...before, order } }));
    await writer.writeStatus(object, { phase: 'Lost', order: formatEntry(entry) }, at);
    await writer.writeStatus(object, { phase: 'Lost' }, at);
    expect(JSON.stringify(patches())).not.toContain('"order"');
  });
});

test('what the API server made of a status is told, and of nothing else', async () => {
  const { writer, object, statuses } = writingTo(
    raw(undefined, {}),
    ok(raw(undefined, { status: { phase: 'Pending' } })),
  );
  await writer.writeLedger(object, entry);
  await writer.writeStatus(object, { phase: 'Pending' }, '2026-11-24T20:00:00Z');
  expect(statuses).toEqual([
    { sent: { phase: 'Pending', lastObservedTime: '2026-11-24T20:00:00Z' }, kept: { phase: 'Pending' } },
  ]);
});
