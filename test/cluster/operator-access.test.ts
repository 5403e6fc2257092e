import { randomBytes } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { API_VERSION } from '../../src/resources/names.ts';
import { createNamespace } from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';
import type { Method } from '../support/cluster/rest.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { startCollector } from '../support/collector.ts';
import { KEY, SPEC } from './support/objects.ts';
import { CLUSTER_RULES, LEASE_RULES, REFERENCE_RULES } from './support/rbac.ts';
import { openStage } from './support/stage.ts';
import type { Stage } from './support/stage.ts';
import { ORDER } from './support/vendor.ts';

const kubeconfig = inject('kubeconfig');

/** An order that needs everything that orders can refer to. */
const REFERRING = {
  ...SPEC,
  sshKeys: [{ configMapKeyRef: { name: 'keys', key: 'jane.pub' } }],
  postInstallScript: { secretKeyRef: { name: 'script', key: 'install.sh' } },
};

async function createReferences({ rest, namespace }: Stage, script = '#!/bin/sh\ntrue\n'): Promise<void> {
  const core = `/api/v1/namespaces/${namespace}`;
  await rest.must('POST', `${core}/configmaps`, { body: { metadata: { name: 'keys' }, data: { 'jane.pub': KEY } } });
  await rest.must('POST', `${core}/secrets`, {
    body: { metadata: { name: 'script' }, stringData: { 'install.sh': script } },
  });
}

const FORBIDDEN = /^rest_client_requests_total\{code="403".*\} [1-9]/m;

test.concurrent('its rules are enough for the whole life of an object', async () => {
  await using stage = await openStage({ kubeconfig });
  await createReferences(stage);
  const operator = await stage.operator();
  await stage.objects.create('web', REFERRING);
  await stage.objects.ready('web');
  await stage.objects.delete('web');
  await stage.objects.gone('web');
  expect((await operator.page('metrics', '/metrics')).body).not.toMatch(FORBIDDEN);
});

const RULES = [...CLUSTER_RULES, ...LEASE_RULES, ...REFERENCE_RULES].map((rule) => ({
  rule,
  name: `${rule.verbs.join(', ')} ${rule.resources.join(', ')}`,
}));

test.concurrent.each(RULES)('it needs to $name', async ({ rule }) => {
  await using stage = await openStage({ kubeconfig, without: rule });
  await createReferences(stage);
  const operator = await stage.operator();
  await stage.objects.create('web', REFERRING);
  await waitFor('it is refused something', async () => {
    const page = await operator.page('metrics', '/metrics').catch(() => undefined);
    return page !== undefined && FORBIDDEN.test(page.body);
  });
  // A right that is missing ends nothing: whoever adds it finds the operator waiting.
  expect(operator.end).toBeUndefined();
});

test.concurrent('it is not ready before it has seen the objects', async () => {
  const [listing] = CLUSTER_RULES;
  if (listing === undefined) throw new Error('there are no rules');
  await using stage = await openStage({ kubeconfig, without: listing });
  const operator = await stage.operator();
  const page = await waitFor('it answers', () => operator.page('health', '/readyz').catch(() => undefined));
  expect(page).toEqual({ status: 503, body: '[-] informer failed: FlexMetalServers were not listed yet\nfailed\n' });
  expect((await operator.page('health', '/healthz')).status).toBe(200);
});

test.concurrent('it may do nothing else', async () => {
  await using stage = await openStage({ kubeconfig });
  await createReferences(stage);
  await stage.objects.create('web');
  const elsewhere = await createNamespace(stage.rest, 'elsewhere');
  const servers = stage.objects.collection;
  const core = `/api/v1/namespaces/${stage.namespace}`;
  const attempts: readonly (readonly [Method, string])[] = [
    ['POST', servers],
    ['PUT', `${servers}/web`],
    ['DELETE', `${servers}/web`],
    ['GET', `${core}/secrets`],
    ['POST', `${core}/secrets`],
    ['DELETE', `${core}/secrets/script`],
    ['GET', `/api/v1/namespaces/${elsewhere}/secrets/script`],
    ['GET', `/api/v1/namespaces/${elsewhere}`],
    ['GET', `/apis/coordination.k8s.io/v1/namespaces/${stage.namespace}/leases/another`],
    ['DELETE', `/apis/coordination.k8s.io/v1/namespaces/${stage.namespace}/leases/flexmetal-operator`],
  ];
  const operator = openRest(stage.account);
  try {
    const bodyFor = (method: Method) =>
      method === 'GET' || method === 'DELETE' ? {} : { body: { apiVersion: API_VERSION, metadata: { name: 'x' } } };
    for (const [method, target] of attempts)
      expect([method, target, (await operator.request(method, target, bodyFor(method))).status]).toEqual([
        method,
        target,
        403,
      ]);
    expect((await operator.request('GET', `${core}/secrets/script`)).status).toBe(200);
  } finally {
    await operator.close();
  }
});

test.concurrent('neither the token nor a script from a Secret is seen anywhere', async () => {
  await using stage = await openStage({ kubeconfig });
  await using collector = await startCollector();
  const { objects, vendor, rest, namespace } = stage;
  const script = `#!/bin/sh\n# "quoted" <&> \\ canary-script-${randomBytes(8).toString('hex')}\nexit 0\n`;
  await createReferences(stage, script);
  // The vendor repeats what it was sent, as APIs do when they refuse something.
  vendor.addFault({
    match: { operation: ORDER, name: 'refused' },
    do: { answer: { kind: 'error', status: 422, message: `bad postInstallScript: ${script} for ${vendor.token}` } },
  });
  const operator = await stage.operator({ 'tracing-endpoint': collector.url });
  await objects.create('web', REFERRING);
  await objects.create('refused', REFERRING);
  const web = await objects.ready('web');
  const refused = await objects.when('refused', 'refused', ({ status }) => status?.order?.outcome === 'refused');
  expect(refused.status?.conditions?.map(({ message }) => message).join()).toContain('bad postInstallScript');
  await waitFor('its refusal is told', async () =>
    (await objects.events()).some(({ reason, note }) => reason === 'OrderRefused' && note.includes('refused')),
  );
  await waitFor('its passes are traced', () => collector.taken().includes(web.metadata.uid));

  const seen = {
    traces: collector.taken(),
    log: operator.output(),
    arguments: operator.arguments(),
    metrics: (await operator.page('metrics', '/metrics')).body,
    events: JSON.stringify(await rest.must('GET', `/apis/events.k8s.io/v1/namespaces/${namespace}/events`)),
    objects: JSON.stringify(await objects.list()),
    leases: JSON.stringify(await rest.must('GET', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`)),
  };
  const placesOf = (text: string): readonly string[] =>
    Object.entries(seen)
      .filter(([, content]) => content.includes(text))
      .map(([place]) => place);
  // The search itself works: it finds what is meant to be seen.
  expect(placesOf(web.status?.serverUuid ?? 'none')).toEqual(['log', 'events', 'objects']);
  expect(placesOf(web.metadata.uid)).toContain('traces');
  expect(placesOf(vendor.url)).toEqual(['log', 'arguments', 'objects']);
  const marker = /canary-script-[0-9a-f]+/.exec(script)?.[0] ?? 'none';
  for (const secret of [vendor.token, marker]) {
    expect(placesOf(secret)).toEqual([]);
    expect(placesOf(Buffer.from(secret).toString('base64').slice(0, 16))).toEqual([]);
  }
});
