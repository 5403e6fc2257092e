import type { Manifest } from '../../support/cluster/kit.ts';
import { serverSideApply, targetOf } from '../../support/cluster/kit.ts';
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
  const target = await targetOf(rest, manifest, namespace);
  if (target === undefined) return `${kind} ${metadata.name}: there is no kind ${kind} in ${manifest.apiVersion}`;
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
