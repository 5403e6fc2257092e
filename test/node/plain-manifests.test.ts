import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { Objects } from '../cluster/support/objects.ts';
import { PLAIN_NAMESPACE, tidy } from '../support/node/claim.ts';
import type { Cluster } from '../support/node/cluster.ts';
import { openCluster } from '../support/node/cluster.ts';
import { imageValues } from '../support/node/image-values.ts';
import { isReady, podsOf } from '../support/node/pods.ts';
import { LOOKING } from '../support/node/release.ts';
import type { PodVendor } from '../support/node/vendor.ts';
import { startVendor } from '../support/node/vendor.ts';
import { NODE, WITHOUT_NODE } from '../support/node/with-node.ts';

const WAIT_MS = 120_000;
const DEPLOY = path.join(import.meta.dirname, '../../deploy');
const NAME = 'flexmetal-operator';

describe.skipIf(WITHOUT_NODE !== '')(`the plain manifests${WITHOUT_NODE}`, () => {
  let cluster: Cluster;
  let outside: string;
  let vendor: PodVendor;
  let overlay: string;
  beforeAll(async () => {
    cluster = await openCluster(NODE);
    outside = await cluster.namespace('outside');
    vendor = await startVendor(cluster, outside);
    overlay = await overlayOf(cluster, vendor);
  });
  afterAll(async () => {
    if (cluster === undefined) return;
    await tidy(cluster, [PLAIN_NAMESPACE, outside]);
    await cluster.close();
  });

  test('are taken as they are, in an overlay that names image and API', async () => {
    // The namespace and the kind are there a moment after they were made: who applies everything at once applies it twice at worst.
    const first = await cluster.tryKubectl(['apply', '--kustomize', overlay]);
    if (first.code !== 0) await cluster.kubectl(['apply', '--kustomize', overlay]);
    await cluster.kubectl([
      'rollout',
      'status',
      `deployment/${NAME}`,
      '--namespace',
      PLAIN_NAMESPACE,
      '--timeout',
      '2m',
    ]);
    const [pod] = await podsOf(cluster, PLAIN_NAMESPACE, 'operator');
    expect(pod !== undefined && isReady(pod)).toBe(true);
  });

  test('order and release', async () => {
    const objects = new Objects(cluster.rest, outside);
    await objects.create('web');
    const object = await objects.ready('web', WAIT_MS);
    expect(await vendor.servers()).toMatchObject([{ uuid: object.status?.serverUuid, status: 'delivered' }]);
    await objects.delete('web');
    await objects.gone('web');
    expect(await vendor.servers()).toMatchObject([{ status: 'released' }]);
  });

  test('change nothing when they are applied again', async () => {
    const before = await generations();
    await cluster.kubectl(['apply', '--kustomize', overlay]);
    expect(await generations()).toEqual(before);
    expect(before.length).toBeGreaterThan(5);
  });

  /** Of each object a number that goes up when it is changed, other than by its own controller. */
  async function generations(): Promise<readonly string[]> {
    const output = await cluster.kubectl(
      'get deployment,configmap,serviceaccount,role,rolebinding,clusterrole,clusterrolebinding,validatingadmissionpolicy,crd'
        .split(' ')
        .concat('--all-namespaces', '--selector', 'app.kubernetes.io/part-of=flexmetal-operator', '--output', 'json'),
    );
    return Generations.parse(JSON.parse(output)).items.map(
      ({ kind, metadata: { name, generation, resourceVersion } }) => `${kind} ${name} ${generation ?? resourceVersion}`,
    );
  }
});

const Generations = z.object({
  items: z.array(
    z.object({
      kind: z.string(),
      metadata: z.object({ name: z.string(), generation: z.int().optional(), resourceVersion: z.string() }),
    }),
  ),
});

/** A folder beside a copy of deploy/, as somebody writes it for a cluster of his own. */
async function overlayOf({ folder, image }: Cluster, vendor: PodVendor): Promise<string> {
  await cp(DEPLOY, path.join(folder, 'deploy'), { recursive: true });
  const overlay = path.join(folder, 'overlay');
  await mkdir(overlay);
  const { registry, repository, tag, digest } = imageValues(image);
  const files = {
    token: vendor.token,
    'ca.crt': vendor.certificateAuthority,
    'config.yaml': dump({
      apiUrl: vendor.url,
      leaseName: NAME,
      leaseNamespace: PLAIN_NAMESPACE,
      ...LOOKING,
    }),
    'deployment.yaml': dump(WITH_AUTHORITY),
    'kustomization.yaml': dump({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['../deploy'],
      images: [
        {
          name: 'ghcr.io/flexmetal-operator/flexmetal-operator',
          newName: registry === '' ? repository : `${registry}/${repository}`,
          ...(digest === '' ? { newTag: tag } : { digest }),
        },
      ],
      generatorOptions: { disableNameSuffixHash: true },
      secretGenerator: [{ name: 'flexmetal-token', namespace: PLAIN_NAMESPACE, files: ['token'] }],
      configMapGenerator: [
        { name: NAME, namespace: PLAIN_NAMESPACE, behavior: 'replace', files: ['config.yaml'] },
        { name: 'authority', namespace: PLAIN_NAMESPACE, files: ['ca.crt'] },
      ],
      patches: [{ path: 'deployment.yaml' }],
    }),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(overlay, name), content);
  return overlay;
}

const WITH_AUTHORITY = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: NAME, namespace: PLAIN_NAMESPACE },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: 'operator',
            env: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/authority/ca.crt' }],
            volumeMounts: [{ name: 'authority', mountPath: '/authority', readOnly: true }],
          },
        ],
        volumes: [{ name: 'authority', configMap: { name: 'authority' } }],
      },
    },
  },
};
