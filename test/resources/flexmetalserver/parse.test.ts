import { describe, expect, test } from 'vitest';
import { ANNOTATION } from '../../../src/resources/names.ts';
import { parseFlexMetalServer } from '../../../src/resources/flexmetalserver/parse.ts';
import { parseInstant } from '../../../src/base/time.ts';

const UID = '6f1c1f8e-58a1-4a0e-9f0c-0f6f2f1f3b11';
const SPEC = {
  location: 'EU: Rotterdam',
  instanceType: 'bm7.std.8',
  os: { slug: 'ubuntu-2404-lts' },
  deletionPolicy: 'Release',
  provisioningTimeout: '45m',
};
const ENTRY = {
  objectUid: UID,
  attempt: '0123456789abcdef',
  attempts: 1,
  revision: 1,
  specHash: 'a'.repeat(64),
  requestedAt: '2026-11-24T20:07:00Z',
  holder: 'operator-0',
  account: { baseUrl: 'https://api.i3d.net', tokenFingerprint: 'b'.repeat(16) },
  outcome: 'open',
};

const raw = (changes: { metadata?: object; spec?: unknown; status?: unknown } = {}): unknown => ({
  apiVersion: 'flexmetal.i3d.net/v1alpha1',
  kind: 'FlexMetalServer',
  metadata: {
    name: 'web-1',
    namespace: 'shop',
    uid: UID,
    generation: 2,
    resourceVersion: '41',
    creationTimestamp: '2026-11-24T20:00:00Z',
    somethingNew: { from: 'a later Kubernetes' },
    ...changes.metadata,
  },
  spec: 'spec' in changes ? changes.spec : SPEC,
  ...('status' in changes ? { status: changes.status } : {}),
});

test('an object becomes a plain typed value', () => {
  expect(
    parseFlexMetalServer(
      raw({ metadata: { finalizers: ['x/y'], labels: { a: 'b' } }, status: { phase: 'Ordering', order: ENTRY } }),
    ),
  ).toEqual({
    kind: 'ok',
    object: {
      key: 'shop/web-1',
      uid: UID,
      namespace: 'shop',
      name: 'web-1',
      generation: 2,
      resourceVersion: '41',
      creationTimestamp: parseInstant('2026-11-24T20:00:00Z'),
      finalizers: ['x/y'],
      labels: { a: 'b' },
      annotations: {},
      spec: SPEC,
      status: { phase: 'Ordering', order: ENTRY },
      statusLedger: { kind: 'entry', entry: ENTRY },
      annotationLedger: { kind: 'none' },
    },
  });
});

test('a time of deletion that cannot be read still means that the object is being deleted', () => {
  const parsed = parseFlexMetalServer(raw({ metadata: { deletionTimestamp: 'soon' } }));
  expect(parsed.object?.deletionTimestamp).toBe(0);
});

describe('the ledger', () => {
  const ledgers = (changes: { status?: unknown; annotation?: string }) => {
    const annotations = changes.annotation === undefined ? {} : { [ANNOTATION.order]: changes.annotation };
    const { object } = parseFlexMetalServer(raw({ metadata: { annotations }, status: changes.status }));
    return [object?.statusLedger, object?.annotationLedger];
  };
  const none = { kind: 'none' };
  const entry = { kind: 'entry', entry: ENTRY };
  const { attempt: _attempt, ...withoutAttempt } = ENTRY;

  test.each([
    ['absent in both places', {}, [none, none]],
    ['in the status', { status: { order: ENTRY } }, [entry, none]],
    ['in the annotation', { annotation: JSON.stringify(ENTRY) }, [none, entry]],
    ['a status that is no object holds none', { status: 'gone' }, [none, none]],
    [
      'without an attempt it is unreadable, not absent',
      { status: { order: withoutAttempt } },
      [{ kind: 'unreadable', text: JSON.stringify(withoutAttempt) }, none],
    ],
    [
      'an annotation that is no JSON is unreadable',
      { annotation: '{"obj' },
      [none, { kind: 'unreadable', text: '{"obj' }],
    ],
    ['an annotation `null` is unreadable', { annotation: 'null' }, [none, { kind: 'unreadable', text: 'null' }]],
    ['an empty annotation is unreadable', { annotation: '' }, [none, { kind: 'unreadable', text: '' }]],
  ])('%s', (_name, changes, expected) => {
    expect(ledgers(changes)).toEqual(expected);
  });

  test('the text of an unreadable one is clipped', () => {
    const [copy] = ledgers({ status: { order: { junk: 'x'.repeat(10_000) } } });
    expect(copy?.kind === 'unreadable' ? copy.text.length : undefined).toBe(512);
  });
});

test('a broken field of the status is absent, the others stay', () => {
  const parsed = parseFlexMetalServer(
    raw({ status: { phase: 7, conditions: 'none', deliveryStatus: 'created', unheardOf: 1 } }),
  );
  expect(parsed.kind === 'ok' ? parsed.object.status : undefined).toEqual({ deliveryStatus: 'created' });
});

describe('a spec that cannot be used', () => {
  test.each([
    ['is missing', undefined, 'spec: '],
    ['lacks the location', { ...SPEC, location: undefined }, 'spec.location: '],
    ['has a number for a word', { ...SPEC, os: { slug: 7 } }, 'spec.os.slug: '],
  ])('%s: the rest of the object is still there', (_name, spec, where) => {
    const parsed = parseFlexMetalServer(raw({ spec, status: { order: ENTRY } }));
    expect(parsed.kind).toBe('invalid');
    expect(parsed.kind === 'invalid' ? parsed.message : '').toContain(where);
    expect(parsed.object).toMatchObject({ key: 'shop/web-1', uid: UID, statusLedger: { kind: 'entry' } });
  });
});

test.each([
  ['nothing', undefined],
  ['a text', 'FlexMetalServer'],
  ['no uid', raw({ metadata: { uid: '' } })],
  ['annotations that are no texts', raw({ metadata: { annotations: { a: 1 } } })],
])('%s is no object', (_name, value) => {
  expect(parseFlexMetalServer(value)).toEqual({
    kind: 'invalid',
    message: 'This is no FlexMetalServer: its metadata cannot be read.',
    object: undefined,
  });
});
