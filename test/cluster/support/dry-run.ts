import * as z from 'zod';
import type { Manifest } from '../../support/cluster/kit.ts';
import { serverSideApply } from '../../support/cluster/kit.ts';
import type { Rest } from '../../support/cluster/rest.ts';

/** A namespace in which the API server warns of pods, and of what makes pods, that break the strictest Pod Security Standard. */
export async function restricted(rest: Rest, name: string): Promise<void> {
  const metadata = { name, labels: { 'pod-security.kubernetes.io/warn': 'restricted' } };
  await serverSideApply(rest, `/api/v1/namespaces/${name}`, { apiVersion: 'v1', kind: 'Namespace', metadata });
}

/**
 * What the API server says against an object that it is to create, with fields that it does not know or that stand there twice.
 * Nothing is created.
 * @param namespace for objects that name none
 */
export async function refusal(rest: Rest, manifest: Manifest, namespace: string): Promise<string | undefined> {
  const { kind, metadata } = manifest;
  const collection = await collectionOf(rest, manifest, metadata.namespace ?? namespace);
  if (collection === undefined) return `${kind} ${metadata.name}: there is no kind ${kind} in ${manifest.apiVersion}`;
  const target = `${collection}/${metadata.name}`;
  const warnings: string[] = [];
  const { status, body } = await rest.request(
    'PATCH',
    `${target}?fieldManager=dry-run&force=true&dryRun=All&fieldValidation=Strict`,
    {
      body: JSON.stringify(manifest),
      contentType: 'application/apply-patch+yaml',
      onWarning: (warning) => void warnings.push(warning),
    },
  );
  if (status < 300 && warnings.length === 0) return undefined;
  return `${kind} ${metadata.name}: ${status} ${warnings.join('; ')} ${status < 300 ? '' : JSON.stringify(body)}`;
}

/** Where objects of the kind are created, as the API server itself says. */
async function collectionOf(
  rest: Rest,
  { apiVersion, kind }: Manifest,
  namespace: string,
): Promise<string | undefined> {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { status, body } = await rest.request('GET', root);
  if (status !== 200) return undefined;
  const found = Resources.parse(body).resources.find((one) => one.kind === kind && !one.name.includes('/'));
  if (found === undefined) return undefined;
  return found.namespaced ? `${root}/namespaces/${namespace}/${found.name}` : `${root}/${found.name}`;
}

const Resources = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});
