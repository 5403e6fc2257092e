import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ANNOTATION } from '../../src/resources/names.ts';
import type { ControlPlane } from '../support/cluster/control-plane.ts';
import { startControlPlane } from '../support/cluster/control-plane.ts';
import type { Manifest } from '../support/cluster/kit.ts';
import {
  applyCrds,
  createNamespace,
  serverSideApply,
  serviceAccountKubeconfig,
  targetOf,
} from '../support/cluster/kit.ts';
import { ProcessGuard } from '../support/cluster/process-guard.ts';
import type { Rest } from '../support/cluster/rest.ts';
import { openRest } from '../support/cluster/rest.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { isWithoutHelm, renderChart } from './support/chart.ts';
import { KEY, Objects, SPEC } from './support/objects.ts';
import { startOperator } from './support/operator-process.ts';
import { startVendor } from './support/vendor.ts';

const RELEASE = 'flexmetal-operator';
/** What a release is made of, and where. */
type Values = Readonly<Record<string, unknown>>;

/**
 * The chart's roles against every request of the operator that the API server's audit log has, over the whole life of objects that
 * use all there is: nothing is refused, and no right stays unused.
 */
describe.skipIf(isWithoutHelm)('the rights that the chart gives are those that are used', () => {
  let folder: string;
  let controlPlane: ControlPlane;
  let rest: Rest;
  const auditLog = (): string => path.join(folder, 'audit.log');

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-audit-'));
    const policy = path.join(folder, 'policy.yaml');
    // Of each request, once, who asked for what. Watches end late or never, so their start counts.
    writeFileSync(
      policy,
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n',
    );
    controlPlane = await startControlPlane({
      log: () => {},
      apiServerFlags: [`--audit-policy-file=${policy}`, `--audit-log-path=${auditLog()}`, '--audit-log-mode=blocking'],
    });
    rest = openRest(controlPlane.kubeconfigPath);
    await applyCrds(rest);
  });
  afterAll(async () => {
    await rest?.close();
    await controlPlane?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('in the whole cluster', async () => {
    const web = await createNamespace(rest, 'web');
    const { granted, ...use } = await useOf([web], {
      watch: { scope: 'cluster', references: { namespaces: [web] } },
      config: {},
    });
    expect(use).toEqual({ used: granted, refused: [], beyond: [] });
    expect(granted).toHaveLength(13);
  });

  test('in some namespaces', async () => {
    const [web, games] = [await createNamespace(rest, 'web'), await createNamespace(rest, 'games')];
    const { granted, ...use } = await useOf([web, games], { watch: { scope: 'namespaces', namespaces: [web, games] } });
    expect(use).toEqual({ used: granted, refused: [], beyond: [] });
    expect(granted).toHaveLength(21);
  });

  interface Use {
    /** All rights of the roles. */
    readonly granted: readonly string[];
    /** Those of them that a request needed. */
    readonly used: readonly string[];
    readonly refused: readonly string[];
    /** What was asked for by a right that is not the chart's: every account has some. */
    readonly beyond: readonly string[];
  }

  async function useOf(watched: readonly string[], values: Values): Promise<Use> {
    const namespace = await createNamespace(rest, 'release');
    const chart = await renderChart({ name: RELEASE, namespace, values });
    const granted = await grant(chart, namespace);
    const user = `system:serviceaccount:${namespace}:${RELEASE}`;
    await liveEverywhere(chart, namespace, watched);
    const requests = requestsOf(readFileSync(auditLog(), 'utf8'), user);
    return {
      granted: granted.map(textOf),
      used: granted.filter((right) => requests.some((request) => covers(right, request))).map(textOf),
      refused: requests.filter(({ code }) => code === 401 || code === 403).map(textOf),
      beyond: requests.filter((request) => !granted.some((right) => covers(right, request))).map(textOf),
    };
  }

  /** Applies the roles of the operator's account. @returns all that they allow, one verb and one resource each */
  async function grant(chart: readonly Manifest[], namespace: string): Promise<readonly Right[]> {
    const bindings = chart
      .filter(({ kind }) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding')
      .map((manifest) => ({ manifest, binding: Binding.parse(manifest) }))
      .filter(({ binding }) => binding.subjects.some(({ name }) => name === RELEASE));
    const rights: Right[] = [];
    for (const { manifest, binding } of bindings) {
      const where = manifest.metadata.namespace;
      const { kind, name } = binding.roleRef;
      const role = chart.find(
        (one) =>
          one.kind === kind &&
          one.metadata.name === name &&
          (kind === 'ClusterRole' || one.metadata.namespace === where),
      );
      if (role === undefined) throw new Error(`${manifest.metadata.name} binds ${name}, which is not in the chart`);
      for (const one of [role, manifest])
        await serverSideApply(rest, (await targetOf(rest, one, namespace)) ?? one.kind, one);
      for (const rule of Role.parse(role).rules) rights.push(...rightsOf(rule, where));
    }
    expect(bindings.every(({ binding }) => binding.subjects.every((one) => one.namespace === namespace))).toBe(true);
    return rights;
  }

  /** An operator with the chart's own settings, and objects that make use of all of it in each namespace. */
  async function liveEverywhere(chart: readonly Manifest[], namespace: string, watched: readonly string[]) {
    const account = await serviceAccountKubeconfig(rest, controlPlane.kubeconfigPath, { namespace, name: RELEASE }, []);
    const vendor = await startVendor();
    const guard = new ProcessGuard();
    try {
      const [tokenFile, config] = [path.join(folder, 'token'), path.join(folder, 'config.yaml')];
      writeFileSync(tokenFile, vendor.token, { mode: 0o600 });
      writeFileSync(config, settingsOf(chart));
      const flags = { config, kubeconfig: account, 'api-url': vendor.url, 'token-file': tokenFile };
      const operator = await startOperator(guard, { folder, name: 'operator', flags });
      for (const name of watched) await live(new Objects(rest, name), name);
      await operator.stop(30_000);
    } finally {
      await guard.close();
      await vendor.close();
    }
  }

  async function live(objects: Objects, namespace: string): Promise<void> {
    const core = `/api/v1/namespaces/${namespace}`;
    await rest.must('POST', `${core}/configmaps`, { body: { metadata: { name: 'keys' }, data: { jane: KEY } } });
    await rest.must('POST', `${core}/secrets`, {
      body: { metadata: { name: 'script' }, stringData: { install: '#!/bin/sh\ntrue\n' } },
    });
    await objects.create('web', {
      ...SPEC,
      sshKeys: [{ configMapKeyRef: { name: 'keys', key: 'jane' } }],
      postInstallScript: { secretKeyRef: { name: 'script', key: 'install' } },
    });
    await objects.ready('web');
    // The same news twice makes one Event with a count, which is patched.
    for (const paused of ['true', null, 'true', null]) {
      await objects.patch('web', { metadata: { annotations: { [ANNOTATION.paused]: paused } } });
      await objects.when(
        paused === null ? 'going on' : 'paused',
        'web',
        ({ status }) =>
          JSON.stringify(status?.conditions).includes(`${ANNOTATION.paused} is removed`) === (paused !== null),
      );
    }
    await waitFor('an event is counted', async () => JSON.stringify(await objects.events()).includes('"series":{'));
    await objects.delete('web');
    await objects.gone('web');
  }
});

const Binding = z.looseObject({
  roleRef: z.object({ kind: z.enum(['Role', 'ClusterRole']), name: z.string() }).loose(),
  subjects: z.array(z.looseObject({ name: z.string(), namespace: z.string().optional() })),
});
const Rule = z.strictObject({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  resourceNames: z.array(z.string()).optional(),
  verbs: z.array(z.string()),
});
const Role = z.looseObject({ rules: z.array(Rule) });

/** One verb on one resource. */
interface Right {
  readonly verb: string;
  readonly group: string;
  /** `plural` or `plural/subresource`. */
  readonly resource: string;
  /** Of one object only. */
  readonly name: string | undefined;
  /** Undefined: in the whole cluster. */
  readonly namespace: string | undefined;
}

interface Request extends Right {
  readonly code: number;
}

const rightsOf = (rule: z.infer<typeof Rule>, namespace: string | undefined): readonly Right[] =>
  rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      rule.verbs.flatMap((verb) =>
        (rule.resourceNames ?? [undefined]).map((name) => ({ verb, group, resource, name, namespace })),
      ),
    ),
  );

const covers = (right: Right, request: Request): boolean =>
  right.verb === request.verb &&
  right.group === request.group &&
  right.resource === request.resource &&
  (right.name === undefined || right.name === request.name) &&
  (right.namespace === undefined || right.namespace === request.namespace);

const textOf = ({ verb, group, resource, name, namespace }: Right): string =>
  `${verb} ${group}/${resource} ${name ?? '*'} in ${namespace ?? 'the cluster'}`;

const AuditEvent = z.looseObject({
  verb: z.string(),
  requestURI: z.string(),
  user: z.looseObject({ username: z.string() }),
  objectRef: z
    .looseObject({
      apiGroup: z.string().default(''),
      resource: z.string(),
      subresource: z.string().optional(),
      name: z.string().optional(),
      namespace: z.string().optional(),
    })
    .optional(),
  responseStatus: z.looseObject({ code: z.number().default(200) }).optional(),
});

/** What one user asked for. A path that is no resource counts as one, since it takes a right as well. */
function requestsOf(log: string, user: string): readonly Request[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => AuditEvent.parse(JSON.parse(line)))
    .filter((event) => event.user.username === user)
    .map(({ verb, requestURI, objectRef, responseStatus }) => ({
      verb,
      group: objectRef?.apiGroup ?? '',
      resource:
        objectRef === undefined ? requestURI : [objectRef.resource, objectRef.subresource].filter(Boolean).join('/'),
      name: objectRef?.name,
      namespace: objectRef?.namespace,
      code: responseStatus?.code ?? 200,
    }));
}

/** The file that the chart gives the operator. */
function settingsOf(chart: readonly Manifest[]): string {
  for (const manifest of chart) {
    const data = z.looseObject({ data: z.looseObject({ 'config.yaml': z.string() }) }).safeParse(manifest);
    if (data.success) return data.data.data['config.yaml'];
  }
  throw new Error('the chart has no config.yaml');
}
