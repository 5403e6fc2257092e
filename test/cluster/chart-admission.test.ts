import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import * as z from 'zod';
import { API_VERSION, ANNOTATION, FINALIZER } from '../../src/resources/names.ts';
import { MINIMAL_SPEC } from '../resources/flexmetalserver/spec-cases.ts';
import { applyCrds, createNamespace, serviceAccountKubeconfig } from '../support/cluster/kit.ts';
import type { Rest } from '../support/cluster/rest.ts';
import { openRest } from '../support/cluster/rest.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import type { Action, Verdict } from './support/chart.ts';
import { applyPolicies, broken, isWithoutHelm, verdictOf } from './support/chart.ts';
import { CLUSTER_RULES } from './support/rbac.ts';

const admin = openRest(inject('kubeconfig'));
const clean: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await applyCrds(admin);
});
afterAll(async () => {
  for (const undo of clean.toReversed()) await undo();
  await admin.close();
});

const Written = z.object({ metadata: z.object({ uid: z.string(), resourceVersion: z.string() }) });

const entryOf = (objectUid: string) => ({
  objectUid,
  attempt: '0123456789abcdef',
  attempts: 1,
  revision: 1,
  specHash: 'a'.repeat(64),
  requestedAt: '2026-11-24T20:07:00Z',
  holder: 'operator-0',
  account: { baseUrl: 'https://api.example.org', tokenFingerprint: 'b'.repeat(16) },
  outcome: 'open',
});
const LEDGER = JSON.stringify(entryOf('another-uid'));

/** One namespace with a release that has all of its policies at the same action. */
class Place {
  readonly namespace: string;
  readonly operator: Rest;
  readonly servers: string;

  constructor(namespace: string, operator: Rest) {
    this.namespace = namespace;
    this.operator = operator;
    this.servers = `/apis/${API_VERSION}/namespaces/${namespace}/flexmetalservers`;
  }

  policy(which: string): string {
    return `fms-flexmetal-operator-${this.namespace}-${which}`;
  }

  manifest(metadata: object = {}, spec: object = {}): object {
    return {
      apiVersion: API_VERSION,
      kind: 'FlexMetalServer',
      metadata: { name: 'web', ...metadata },
      spec: { ...MINIMAL_SPEC, ...spec },
    };
  }

  async create(metadata: object = {}, spec: object = {}) {
    return Written.parse(await admin.must('POST', this.servers, { body: this.manifest(metadata, spec) })).metadata;
  }

  merge(patch: object, { as = admin, part = '', name = 'web' } = {}): Promise<Verdict> {
    const contentType = 'application/merge-patch+json';
    return verdictOf(as, ['PATCH', `${this.servers}/${name}${part}`, { body: patch, contentType }]);
  }

  /** What is left of an earlier test goes, whatever the policies say: as the operator, who may take the finalizer. */
  async empty(): Promise<void> {
    const patch = { metadata: { finalizers: null }, spec: { deletionProtection: null } };
    await this.merge(patch, { as: this.operator });
    await admin.request('DELETE', `${this.servers}/web`);
  }
}

async function openPlace(action: Action): Promise<Place> {
  const namespace = await createNamespace(admin, `chart-${action}`);
  const account = await serviceAccountKubeconfig(
    admin,
    inject('kubeconfig'),
    { namespace, name: 'fms-flexmetal-operator' },
    CLUSTER_RULES,
  );
  const operator = openRest(account);
  clean.push(() => operator.close());
  const place = new Place(namespace, operator);
  await place.create({ name: 'older' }, { instanceType: 'bm5.std.4', location: 'JP: Tokyo' });
  const limits = {
    action,
    instanceTypes: ['bm7.std.8', 'bm9.hmm.gpu4.96'],
    locations: ['EU: Rotterdam'],
    contact: '#bare-metal',
  };
  const admission = {
    protectCRDs: 'off',
    protectServers: action,
    protectLedger: action,
    limits: action === 'off' ? { action } : limits,
  };
  const policies = await applyPolicies(admin, { name: 'fms', namespace, values: { admission } });
  clean.push(() => policies.remove());
  return place;
}

/** Policies take effect a moment after they were written, each by itself: the last one of them is waited for. */
async function inEffect(place: Place): Promise<void> {
  await place.create(
    { finalizers: [FINALIZER], annotations: { [ANNOTATION.order]: LEDGER } },
    { deletionProtection: true },
  );
  const dry = '?dryRun=All';
  const probes: (() => Promise<Verdict>)[] = [
    () => verdictOf(admin, ['DELETE', `${place.servers}/web${dry}`]),
    () =>
      verdictOf(admin, ['POST', `${place.servers}${dry}`, { body: place.manifest({ name: 'x' }, { location: 'y' }) }]),
    () => place.merge({ metadata: { finalizers: null } }, { part: dry }),
  ];
  for (const probe of probes)
    await waitFor('the policy is in effect', async () => {
      const { status, warnings } = await probe();
      return status === 403 || warnings.length > 0;
    });
  await place.empty();
}

const UNKNOWN_TYPE =
  'spec.instanceType bm5.std.4 may not be ordered in this cluster. Allowed: bm7.std.8, bm9.hmm.gpu4.96. For others ask #bare-metal';
const UNKNOWN_LOCATION =
  'spec.location JP: Tokyo may not be ordered in this cluster. Allowed: EU: Rotterdam. For others ask #bare-metal';
const ANNOTATION_CHANGED =
  "the annotation flexmetal.i3d.net/order is the operator's record of what it ordered, and without it a server may be left running. Leave it as it is, and leave it out of manifests: kubectl apply then keeps it, kubectl replace drops it";
const STATUS_CHANGED =
  "status.order is the operator's record of what it ordered, and without it a server may be left running. Leave it as it is";
const FINALIZER_GONE =
  'without the finalizer flexmetal.i3d.net/release the object can go while its server runs on, and nothing releases that. To let a deleted object go without its server: the annotation flexmetal.i3d.net/force-forget';
const NAME = 'flexmetalservers.flexmetal.i3d.net "web"';
const PASSED: Verdict = { status: 200, message: undefined, warnings: [] };

describe.skipIf(isWithoutHelm).each<Action>(['off', 'warn', 'deny'])('with %s', (action) => {
  let place: Place;

  beforeAll(async () => {
    place = await openPlace(action);
    if (action !== 'off') await inEffect(place);
  });
  beforeEach(() => place.empty());

  const rule = (which: string, message: string, status = 200, object = NAME) =>
    broken(action, { policy: place.policy(which), object, message, status });
  const post = (spec: object, metadata: object = {}) =>
    verdictOf(admin, ['POST', place.servers, { body: place.manifest(metadata, spec) }]);

  describe('limits', () => {
    test('what is in the lists is taken', async () => {
      expect(await post({ instanceType: 'bm9.hmm.gpu4.96' })).toEqual({ ...PASSED, status: 201 });
    });

    test('an instance type that is not', async () => {
      expect(await post({ instanceType: 'bm5.std.4' })).toEqual(rule('limits', UNKNOWN_TYPE, 201));
    });

    test('a location that is not', async () => {
      expect(await post({ location: 'JP: Tokyo' })).toEqual(rule('limits', UNKNOWN_LOCATION, 201));
    });

    test('a later change, before the order', async () => {
      await place.create();
      expect(await place.merge({ spec: { location: 'JP: Tokyo' } })).toEqual(rule('limits', UNKNOWN_LOCATION));
    });

    test('an object that is older than the lists goes on: people and the operator may write on it', async () => {
      const target = { name: 'older' };
      expect(await place.merge({ spec: { tags: ['web'] } }, target)).toEqual(PASSED);
      const finalizers = [FINALIZER];
      expect(await place.merge({ metadata: { finalizers } }, { ...target, as: place.operator })).toEqual(PASSED);
    });
  });

  describe('protected servers', () => {
    const PROTECTED = () =>
      `FlexMetalServer ${place.namespace}/web has spec.deletionProtection: true. A deletion cannot be taken back once it has begun. If its server is to be released, set spec.deletionProtection to false, then delete it`;

    test('a deletion', async () => {
      await place.create({}, { deletionProtection: true });
      expect(await verdictOf(admin, ['DELETE', `${place.servers}/web`])).toEqual(rule('servers', PROTECTED()));
    });

    test('a deletion of all objects of the namespace, as of the namespace itself', async () => {
      await place.create({ labels: { with: 'others' } }, { deletionProtection: true });
      const all = await verdictOf(admin, ['DELETE', `${place.servers}?labelSelector=with%3Dothers`]);
      // The API server does not know the name at that point; the message has it.
      expect(all).toEqual(rule('servers', PROTECTED(), 200, 'flexmetalservers.flexmetal.i3d.net "Unknown"'));
    });

    test.each([{}, { deletionProtection: false }])('the deletion of one with %o passes', async (spec) => {
      await place.create({}, spec);
      expect(await verdictOf(admin, ['DELETE', `${place.servers}/web`])).toEqual(PASSED);
    });
  });

  describe('the ledger', () => {
    const ordered = () => place.create({ annotations: { [ANNOTATION.order]: LEDGER }, finalizers: [FINALIZER] });
    const status = (order: object | null, as = admin) => place.merge({ status: { order } }, { part: '/status', as });

    test('an object may be created with one, as a restore does', async () => {
      const verdict = await post({}, { annotations: { [ANNOTATION.order]: LEDGER }, finalizers: [FINALIZER] });
      expect(verdict).toEqual({ ...PASSED, status: 201 });
    });

    test('a manifest without it, applied: it stays, and nobody is warned', async () => {
      await ordered();
      // What kubectl apply sends: the fields that the manifest and its former version have.
      expect(await place.merge({ metadata: { annotations: { team: 'web' } }, spec: { tags: ['web'] } })).toEqual(
        PASSED,
      );
      const apply = {
        body: place.manifest({}, { tags: ['web', 'a'] }),
        contentType: 'application/apply-patch+yaml',
      };
      const target = `${place.servers}/web?fieldManager=gitops&force=true`;
      expect(await verdictOf(admin, ['PATCH', target, apply])).toEqual(PASSED);
    });

    test('a manifest without it, put in place of the object', async () => {
      const { resourceVersion } = await ordered();
      const body = place.manifest({ resourceVersion, finalizers: [FINALIZER] });
      const verdict = await verdictOf(admin, ['PUT', `${place.servers}/web`, { body }]);
      expect(verdict).toEqual(rule('ledger', ANNOTATION_CHANGED));
    });

    test.each([null, '{}', ''])('the annotation changed to %o', async (value) => {
      await ordered();
      const verdict = await place.merge({ metadata: { annotations: { [ANNOTATION.order]: value } } });
      expect(verdict).toEqual(rule('ledger', ANNOTATION_CHANGED));
    });

    test('the annotation put on by hand', async () => {
      await place.create();
      const verdict = await place.merge({ metadata: { annotations: { [ANNOTATION.order]: LEDGER } } });
      expect(verdict).toEqual(rule('ledger', ANNOTATION_CHANGED));
    });

    test('other annotations, such as answers to the operator, are free', async () => {
      await ordered();
      const annotations = { [ANNOTATION.resolve]: 'forget=x', [ANNOTATION.paused]: 'true' };
      expect(await place.merge({ metadata: { annotations } })).toEqual(PASSED);
    });

    test('the finalizer taken off', async () => {
      await ordered();
      expect(await place.merge({ metadata: { finalizers: ['example.org/other'] } })).toEqual(
        rule('ledger', FINALIZER_GONE),
      );
    });

    test('other finalizers may come and go', async () => {
      await ordered();
      expect(await place.merge({ metadata: { finalizers: [FINALIZER, 'example.org/other'] } })).toEqual(PASSED);
      expect(await place.merge({ metadata: { finalizers: [FINALIZER] } })).toEqual(PASSED);
    });

    test('status.order changed or dropped', async () => {
      const { uid } = await ordered();
      expect(await status(entryOf(uid), place.operator)).toEqual(PASSED);
      expect(await status({ outcome: 'absent' })).toEqual(rule('ledger', STATUS_CHANGED));
      expect(await status(null)).toEqual(rule('ledger', STATUS_CHANGED));
    });

    test('status.order forged for an object that has none', async () => {
      const { uid } = await place.create();
      expect(await status(entryOf(uid))).toEqual(rule('ledger', STATUS_CHANGED));
    });

    test('status.order of the uid before, as a restore writes it, is history and passes', async () => {
      await place.create();
      expect(await status(entryOf('another-uid'))).toEqual(PASSED);
    });

    test('the operator writes all of it', async () => {
      const { uid } = await place.create();
      const annotations = { [ANNOTATION.order]: JSON.stringify(entryOf(uid)) };
      const as = place.operator;
      expect(await place.merge({ metadata: { annotations, finalizers: [FINALIZER] } }, { as })).toEqual(PASSED);
      expect(await status(entryOf(uid), as)).toEqual(PASSED);
      expect(await place.merge({ metadata: { finalizers: [] } }, { as })).toEqual(PASSED);
    });
  });
});
