import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getContainerRuntimeClient, Wait } from 'testcontainers';
import { apiServerFlags, createCredentials, credentialFiles } from '../cluster/credentials.ts';
import { applyCrds } from '../cluster/kit.ts';
import { writeKubeconfig } from '../cluster/kubeconfig.ts';
import type { Rest } from '../cluster/rest.ts';
import { openRest } from '../cluster/rest.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { Link } from './link.ts';
import { FILES, PlacedContainer } from './placed-container.ts';

/** The address of the API server on its link. */
const HOST = 'kube-apiserver';
const PORT = 6_443;
export const KUBERNETES_URL = `https://${HOST}:${PORT}`;

/** etcd and kube-apiserver in containers of their own, with the operator's CRDs. */
export interface ContainedControlPlane extends AsyncDisposable {
  /** The network between operators and the API server. */
  readonly link: Link;
  /** From this machine, with full rights. */
  readonly rest: Rest;
  readonly kubeconfig: string;
}

export async function startControlPlane(image: string): Promise<ContainedControlPlane> {
  await using started = new AsyncDisposableStack();
  const link = started.use(await Link.open());
  const storage = started.use(await Link.open());
  const folder = await mkdtemp(path.join(tmpdir(), 'flexmetal-containers-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const { info } = await getContainerRuntimeClient();
  const outside = info.containerRuntime.host;
  const { files, authority, adminToken } = createCredentials(AUTHORITY, [HOST, 'localhost', '127.0.0.1', outside]);

  started.use(
    await new PlacedContainer(image)
      .withLink(storage, 'etcd')
      .withEntrypoint(['/etcd', '--data-dir=/data', '--unsafe-no-fsync', '--log-level=warn'])
      .withCommand([
        '--listen-client-urls=http://0.0.0.0:2379',
        '--advertise-client-urls=http://etcd:2379',
        '--listen-peer-urls=http://127.0.0.1:2380',
      ])
      .withExposedPorts(2_379)
      .withWaitStrategy(Wait.forHttp('/health', 2_379))
      .withStartupTimeout(STARTUP_MS)
      .start(),
  );
  const apiServer = started.use(
    await new PlacedContainer(image)
      .withLink(storage, 'storage-client')
      .withLink(link, HOST)
      .withFiles(files)
      .withEntrypoint(['/kube-apiserver'])
      .withCommand([
        ...apiServerFlags({ etcdUrl: 'http://etcd:2379', port: PORT, files: credentialFiles(FILES) }),
        '--bind-address=0.0.0.0',
        // Nobody asks for it here, and the address of the container is known only once it runs.
        '--advertise-address=127.0.0.1',
      ])
      .withExposedPorts(PORT)
      .withWaitStrategy(Wait.forHttp('/readyz', PORT).usingTls().allowInsecure().forStatusCode(200))
      .withStartupTimeout(STARTUP_MS)
      .start(),
  );
  const kubeconfig = path.join(folder, 'admin.kubeconfig');
  const url = `https://${outside}:${apiServer.getMappedPort(PORT)}`;
  writeKubeconfig(
    kubeconfig,
    { url, certificateAuthority: authority.certificate },
    { name: 'admin', token: adminToken },
  );
  const rest = openRest(kubeconfig);
  started.defer(() => rest.close());
  await applyCrds(rest);
  await waitFor('the API server has made its namespaces', async () => {
    const { status } = await rest.request('GET', '/api/v1/namespaces/kube-system');
    return status === 200;
  });
  const parts = started.move();
  return { link, rest, kubeconfig, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

const AUTHORITY = 'flexmetal-containers';
const STARTUP_MS = 120_000;
