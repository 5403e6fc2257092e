import { request } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { KubeConfig } from '@kubernetes/client-node';
import * as z from 'zod';
import { API_VERSION } from '../../src/resources/names.ts';
import { BOUNDS } from '../../src/resources/flexmetalserver/bounds.ts';
import type { LedgerEntry } from '../../src/resources/flexmetalserver/schema.ts';
import { MINIMAL_SPEC } from '../resources/flexmetalserver/spec-cases.ts';
import { applyCrds, createNamespace } from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';
import { waitFor } from '../support/cluster/wait-for.ts';

const admin = openRest(inject('kubeconfig'));
let servers = '';
let namespace = '';

beforeAll(async () => {
  await applyCrds(admin);
});
beforeEach(async () => {
  namespace = await createNamespace(admin, 'crd');
  servers = `/apis/${API_VERSION}/namespaces/${namespace}/flexmetalservers`;
});
afterAll(() => admin.close());

const ENTRY: LedgerEntry = {
  objectUid: '6f1c1f8e-58a1-4a0e-9f0c-0f6f2f1f3b11',
  attempt: '0123456789abcdef',
  attempts: 1,
  revision: 1,
  specHash: 'a'.repeat(64),
  requestedAt: '2026-11-24T20:07:00Z',
  holder: 'operator-0',
  account: { baseUrl: 'https://api.example.org', tokenFingerprint: 'b'.repeat(16) },
  outcome: 'open',
};

const FULL_SPEC = {
  ...MINIMAL_SPEC,
  name: 'web-1',
  sshKeys: [{ uuid: '7561c39d-f4df-4c46-b3f1-2ac981271e29' }],
  postInstallScript: { inline: 'true' },
  contractId: 'C-1',
  overflow: true,
};

const WAY_OUT = 'create a FlexMetalServer under another name, and delete this one if its server is to be released';
const FIXED = [
  ['name', 'web-2', `the server was ordered under its name and is not renamed: for another name ${WAY_OUT}`],
  ['location', 'JP: Tokyo', `the server was ordered and cannot move: for another location ${WAY_OUT}`],
  ['instanceType', 'bm8.std.32', `the server was ordered and stays what it is: for another instance type ${WAY_OUT}`],
  [
    'os',
    { slug: 'debian-12' },
    `the server was ordered with this operating system and is never reinstalled, for that wipes its disks: for another one ${WAY_OUT}`,
  ],
  [
    'sshKeys',
    [{ secretKeyRef: { name: 'keys', key: 'id' } }],
    `keys are installed once, with the order: change them on the server itself, or ${WAY_OUT}`,
  ],
  [
    'postInstallScript',
    { inline: 'false' },
    `the script runs once, after the installation: run a new one on the server itself, or ${WAY_OUT}`,
  ],
  ['contractId', 'C-2', `the server was ordered on its contract: for another contract ${WAY_OUT}`],
  ['overflow', false, `overflow was part of the order: to order with another value ${WAY_OUT}`],
] as const;
const OPTIONAL = FIXED.filter(([field]) => !(field in MINIMAL_SPEC));

describe('what the order fixes', () => {
  test.each(FIXED)('%s may be corrected before the order', async (field, value) => {
    await create(FULL_SPEC);
    expect((await patchSpec({ [field]: value })).status).toBe(200);
  });

  test.each(FIXED)('%s stays as it was ordered', async (field, value, message) => {
    await create(FULL_SPEC);
    await order({});
    expect(await patchSpec({ [field]: value })).toEqual(forbidden(field, message));
  });

  test.each(OPTIONAL)('%s cannot be taken away after the order', async (field, _value, message) => {
    await create(FULL_SPEC);
    await order({});
    expect(await patchSpec({ [field]: null })).toEqual(forbidden(field, message));
  });

  test.each(OPTIONAL)('%s cannot be added after the order', async (field, value, message) => {
    await create(MINIMAL_SPEC);
    await order({});
    expect(await patchSpec({ [field]: value })).toEqual(forbidden(field, message));
  });

  test('everything else may change after the order, and the same spec may be applied again', async () => {
    await create(FULL_SPEC);
    await order({});
    const changes = {
      ...FULL_SPEC,
      tags: ['web'],
      deletionPolicy: 'Retain',
      deletionProtection: true,
      provisioningTimeout: '1h',
    };
    expect(await patchSpec(changes)).toMatchObject({ status: 200, body: { spec: changes } });
  });

  test.each([
    ['an order that was refused', { outcome: 'refused', settledAt: ENTRY.requestedAt }, 200],
    ['an order that was never sent', { outcome: 'withdrawn', settledAt: ENTRY.requestedAt }, 200],
    ['no order, only an answer of a person', { attempts: 0, outcome: 'absent', settledAt: ENTRY.requestedAt }, 200],
    ['a refused order after an unclear one', { outcome: 'refused', everUnclear: true }, 422],
    ['an order that proved to have come to nothing', { outcome: 'absent', everUnclear: true }, 422],
    ['a created server', { outcome: 'created' }, 422],
    ['a lost server', { outcome: 'lost' }, 422],
  ])('a correction after %s', async (_name, fields, status) => {
    await create(FULL_SPEC);
    await order(fields);
    expect((await patchSpec({ location: 'JP: Tokyo' })).status).toBe(status);
  });

  test('the status of an ordered server may go on', async () => {
    await create(FULL_SPEC);
    await order({});
    expect((await order({ outcome: 'created', serverUuid: ENTRY.objectUid })).status).toBe(200);
  });
});

describe('a new object', () => {
  const pending = (type: string, status: string): unknown =>
    expect.objectContaining({ type, status, reason: 'Pending', lastTransitionTime: '1970-01-01T00:00:00Z' });
  const waiting = [
    pending('Ready', 'Unknown'),
    pending('Ordered', 'Unknown'),
    pending('Delivered', 'Unknown'),
    pending('Synced', 'Unknown'),
    pending('Reconciling', 'True'),
  ];

  test('has its defaults and is Pending in the reply to its creation, when read, listed and watched', async () => {
    const created = await create(MINIMAL_SPEC);
    const expected = {
      spec: { ...MINIMAL_SPEC, deletionPolicy: 'Release', provisioningTimeout: '45m' },
      status: { conditions: waiting },
    };
    expect(created).toMatchObject(expected);
    expect(await admin.must('GET', `${servers}/one`)).toMatchObject(expected);
    expect(await admin.must('GET', servers)).toMatchObject({ items: [expected] });
    const watch = await admin.must('GET', `${servers}?watch=true&timeoutSeconds=1`);
    expect(watch).toMatchObject({ type: 'ADDED', object: expected });
  });

  test('stays Pending until the operator writes conditions, whatever else it writes first', async () => {
    await create(MINIMAL_SPEC);
    expect((await patchStatus({ order: ENTRY })).body).toMatchObject({ status: { order: ENTRY, conditions: waiting } });
    const ready = { ...ENTRY_CONDITION, type: 'Ready', status: 'True' };
    expect((await patchStatus({ conditions: [ready] })).body).toMatchObject({ status: { conditions: [ready] } });
  });

  test('takes no status from its author', async () => {
    const created = await admin.must('POST', servers, {
      body: { ...object(MINIMAL_SPEC), status: { phase: 'Ready', order: ENTRY } },
    });
    expect(created).toMatchObject({ status: { conditions: waiting } });
    expect(created).not.toHaveProperty('status.order');
  });

  test('needs a spec', async () => {
    expect(await admin.request('POST', servers, { body: object(undefined) })).toMatchObject({
      status: 422,
      body: {
        details: {
          causes: expect.arrayContaining([expect.objectContaining({ field: 'spec', message: 'Required value' })]),
        },
      },
    });
  });

  test('cannot have fields that are not there yet', async () => {
    const spec = { ...MINIMAL_SPEC, accountRef: { name: 'other' } };
    const reply = await admin.request('POST', `${servers}?fieldValidation=Strict`, { body: object(spec) });
    expect(reply).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('unknown field "spec.accountRef"') },
    });
  });
});

const ENTRY_CONDITION = {
  status: 'False',
  reason: 'Provisioning',
  message: '',
  lastTransitionTime: '2026-11-24T20:07:00Z',
  observedGeneration: 1,
};

describe('the status', () => {
  const fullest = {
    observedGeneration: 1,
    phase: 'x'.repeat(BOUNDS.phase),
    conditions: Array.from({ length: BOUNDS.conditions }, (_, index) => ({
      ...ENTRY_CONDITION,
      type: `C${index}`.padEnd(BOUNDS.conditionType, 'x'),
      reason: 'R'.repeat(BOUNDS.reason),
      message: '\u{1F600}'.repeat(BOUNDS.message),
    })),
    serverUuid: ENTRY.objectUid,
    providerID: 'x'.repeat(BOUNDS.providerId),
    deliveryStatus: 'x'.repeat(BOUNDS.deliveryStatus),
    statusMessage: 'x'.repeat(BOUNDS.statusMessage),
    addresses: Array.from({ length: BOUNDS.addresses }, () => ({
      type: 'ExternalIP',
      address: 'x'.repeat(BOUNDS.address),
    })),
    order: {
      ...ENTRY,
      refusal: { class: 'invalid', message: 'x'.repeat(BOUNDS.refusalMessage) },
      releases: Array.from({ length: BOUNDS.releases }, () => ENTRY.objectUid),
      answered: Array.from({ length: BOUNDS.answered }, () => 'x'.repeat(BOUNDS.answer)),
    },
    timeline: Array.from({ length: BOUNDS.timeline }, () => ({
      step: 'x'.repeat(BOUNDS.timelineStep),
      at: ENTRY.requestedAt,
    })),
    placement: {
      location: 'x'.repeat(BOUNDS.vendorName),
      instanceType: 'x'.repeat(BOUNDS.vendorName),
      contractId: 'x'.repeat(BOUNDS.contractId),
    },
    appliedTags: Array.from({ length: BOUNDS.tags }, (_, index) => `t${index}`.padEnd(BOUNDS.tag, 'x')),
    lastObservedTime: ENTRY.requestedAt,
  };

  test('takes everything that is as large as the bounds that writers clip to', async () => {
    await create(MINIMAL_SPEC);
    expect(await patchStatus(fullest)).toMatchObject({ status: 200, body: { status: fullest } });
  });

  test.each([
    ['statusMessage', { statusMessage: 'x'.repeat(BOUNDS.statusMessage + 1) }],
    ['timeline', { timeline: [...fullest.timeline, fullest.timeline[0]] }],
    ['conditions', { conditions: [{ ...ENTRY_CONDITION, type: 'Ready', message: 'x'.repeat(BOUNDS.message + 1) }] }],
    ['appliedTags', { appliedTags: ['a', 'a'] }],
  ])('refuses a %s beyond them', async (_name, status) => {
    await create(MINIMAL_SPEC);
    expect((await patchStatus(status)).status).toBe(422);
  });
});

test('kubectl get shows what matters, and more with -o wide', async () => {
  await create({ ...FULL_SPEC, tags: ['web'] });
  await patchStatus({
    serverUuid: ENTRY.objectUid,
    deliveryStatus: 'provisioning',
    addresses: [
      { type: 'ExternalIP', address: '192.0.2.7' },
      { type: 'ExternalIP', address: '2001:db8::7' },
    ],
    conditions: [{ ...ENTRY_CONDITION, type: 'Ready', message: 'The server is being installed.' }],
  });
  const table = Table.parse(await getAs('application/json;as=Table;v=v1;g=meta.k8s.io', servers));
  const cells = Object.fromEntries(
    table.columnDefinitions.map(({ name, priority }, index) => [
      priority === 0 ? name : `${name} (wide)`,
      table.rows[0]?.cells[index],
    ]),
  );
  expect(cells).toEqual({
    Name: 'one',
    Ready: 'False',
    Reason: 'Provisioning',
    Type: 'bm7.std.8',
    Location: 'EU: Rotterdam',
    IP: '192.0.2.7',
    Age: expect.stringMatching(/^\d+s$/),
    'UUID (wide)': ENTRY.objectUid,
    'Status (wide)': 'provisioning',
    'OS (wide)': 'ubuntu-2404-lts',
    'Contract (wide)': 'C-1',
    'Message (wide)': 'The server is being installed.',
  });
});

test('objects can be selected by location', async () => {
  await create(MINIMAL_SPEC);
  const found = (location: string): Promise<unknown> =>
    admin.must('GET', `${servers}?fieldSelector=${encodeURIComponent(`spec.location=${location}`)}`);
  expect(await found('EU: Rotterdam')).toMatchObject({ items: [{ metadata: { name: 'one' } }] });
  expect(await found('JP: Tokyo')).toMatchObject({ items: [] });
});

test('kubectl finds the kind by its short name and in its category', async () => {
  const discovery = await admin.must('GET', `/apis/${API_VERSION}`);
  expect(discovery).toMatchObject({
    resources: expect.arrayContaining([
      expect.objectContaining({ name: 'flexmetalservers', shortNames: ['fms'], categories: ['flexmetal'] }),
      expect.objectContaining({ name: 'flexmetalservers/status' }),
    ]),
  });
});

test('kubectl explain has a description of every field', async () => {
  // The API server publishes a new kind some time after it serves it.
  const schema = await waitFor('the kind is in the OpenAPI document', async () => {
    const { body } = await admin.request('GET', `/openapi/v3/apis/${API_VERSION}`);
    return OpenApi.safeParse(body).data?.components.schemas['net.i3d.flexmetal.v1alpha1.FlexMetalServer'];
  });
  expect(withoutDescription(schema, 'FlexMetalServer')).toEqual([]);
});

async function create(spec: unknown): Promise<unknown> {
  return admin.must('POST', servers, { body: object(spec) });
}

const object = (spec: unknown): object => ({
  apiVersion: API_VERSION,
  kind: 'FlexMetalServer',
  metadata: { name: 'one' },
  ...(spec === undefined ? {} : { spec }),
});

const MERGE_PATCH = 'application/merge-patch+json';

const patchSpec = (spec: object) =>
  admin.request('PATCH', `${servers}/one`, { body: { spec }, contentType: MERGE_PATCH });

const patchStatus = (status: object) =>
  admin.request('PATCH', `${servers}/one/status`, { body: { status }, contentType: MERGE_PATCH });

async function order(fields: Partial<LedgerEntry>) {
  const reply = await patchStatus({ order: { ...ENTRY, ...fields } });
  expect(reply).toMatchObject({ status: 200 });
  return reply;
}

const forbidden = (field: string, message: string): unknown => ({
  status: 422,
  body: expect.objectContaining({
    details: expect.objectContaining({
      causes: [{ reason: 'FieldValueForbidden', field: `spec.${field}`, message: `Forbidden: ${message}` }],
    }),
  }),
});

const Table = z.object({
  columnDefinitions: z.array(z.object({ name: z.string(), priority: z.number() })),
  rows: z.array(z.object({ cells: z.array(z.unknown()) })),
});

/** The kit always accepts plain JSON; a table has to be asked for. */
async function getAs(accept: string, target: string): Promise<unknown> {
  const config = new KubeConfig();
  config.loadFromFile(inject('kubeconfig'));
  const options = { headers: { accept } };
  await config.applyToHTTPSOptions(options);
  return new Promise((resolve, reject) => {
    const call = request(new URL(target, admin.url), options, (reply) => {
      reply.toArray().then((chunks) => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8'))), reject);
    });
    call.on('error', reject).end();
  });
}

const Described = z.looseObject({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});
const OpenApi = z.object({ components: z.object({ schemas: z.record(z.string(), Described) }) });

function withoutDescription(schema: unknown, path: string, isItem = false): readonly string[] {
  const { description, properties, items } = Described.parse(schema);
  const here = description === undefined && !isItem ? [path] : [];
  const below = Object.entries(properties ?? {}).flatMap(([name, child]) =>
    name === 'metadata' ? [] : withoutDescription(child, `${path}.${name}`),
  );
  return [...here, ...below, ...(items === undefined ? [] : withoutDescription(items, `${path}[]`, true))];
}
