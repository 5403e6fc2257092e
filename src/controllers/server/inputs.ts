import { Secret } from '../../base/secret.ts';
import { ownerTags } from '../../resources/names.ts';
import type { OrderRequest } from '../../core/model/order-request.ts';
import type { InputsFact, ServerSnapshot } from '../../core/model/snapshot.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isJsonObject } from '../../kube/object.ts';
import { publicKeyProblem } from '../../resources/flexmetalserver/public-key.ts';
import type { FlexMetalServerSpec } from '../../resources/flexmetalserver/schema.ts';
import { CONFIG_MAPS, SECRETS } from './object.ts';

interface KeyRef {
  readonly name: string;
  readonly key: string;
}

interface Source {
  readonly secretKeyRef?: KeyRef | undefined;
  readonly configMapKeyRef?: KeyRef | undefined;
}

/** A reference that cannot be resolved: the message says which and what to do, never what stands there. */
class MissingInput extends Error {
  override readonly name = 'MissingInput';
}

/**
 * Reads the Secrets and ConfigMaps that the order needs, each by its name in the object's own namespace.
 * @returns the whole order, or what is missing; only a bug throws
 */
export async function readInputs(
  client: KubeClient,
  s: ServerSnapshot,
  onSecret: (secret: Secret) => void,
): Promise<InputsFact> {
  if (s.spec.kind === 'invalid') return { kind: 'missing', message: s.spec.message };
  const read = (where: string, source: Source): Promise<string> =>
    readSource(client, s.object.namespace, where, source);
  try {
    return { kind: 'ready', request: await orderRequest(s, s.spec.spec, read, onSecret) };
  } catch (error) {
    if (error instanceof MissingInput) return { kind: 'missing', message: error.message };
    throw error;
  }
}

type Read = (where: string, source: Source) => Promise<string>;

async function orderRequest(
  s: ServerSnapshot,
  spec: FlexMetalServerSpec,
  read: Read,
  onSecret: (secret: Secret) => void,
): Promise<OrderRequest> {
  const attempt =
    s.ledger.kind === 'entry' && s.ledger.entry.outcome.kind === 'open' ? s.ledger.entry.attempt : s.nextAttempt;
  const { namespace, name, uid } = s.object;
  return {
    name: spec.name ?? name,
    location: spec.location,
    instanceType: spec.instanceType,
    os: {
      slug: spec.os.slug,
      kernelParams: await kernelParams(spec, read, onSecret),
      partitions: (spec.os.partitions ?? []).map(({ target, filesystem, sizeMB, grow }) => ({
        target,
        filesystem,
        size: grow === true || sizeMB === undefined ? 'rest' : sizeMB,
      })),
      ipxeScriptUrl: spec.os.ipxeScriptUrl,
    },
    sshKeys: await sshKeys(spec, read),
    postInstallScript: await script(spec, read, onSecret),
    tags: [...ownerTags({ cluster: s.settings.cluster, uid, attempt, namespace, name }), ...(spec.tags ?? [])],
    contractId: spec.contractId === '' ? undefined : spec.contractId,
    overflow: spec.overflow ?? false,
  };
}

async function kernelParams(spec: FlexMetalServerSpec, read: Read, onSecret: (secret: Secret) => void) {
  const params: { readonly key: string; readonly value: Secret }[] = [];
  for (const [index, { key, value, valueFrom }] of (spec.os.kernelParams ?? []).entries()) {
    const text = value ?? (await read(`spec.os.kernelParams[${index}].valueFrom`, valueFrom ?? {}));
    const secret = new Secret(text.trim());
    if (valueFrom?.secretKeyRef !== undefined) onSecret(secret);
    params.push({ key, value: secret });
  }
  return params;
}

async function sshKeys(spec: FlexMetalServerSpec, read: Read): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const [index, { publicKey, uuid, ...source }] of (spec.sshKeys ?? []).entries()) {
    const where = `spec.sshKeys[${index}]`;
    const text = uuid ?? publicKey ?? (await read(where, source)).trim();
    const problem = uuid === undefined ? publicKeyProblem(text) : undefined;
    if (problem !== undefined) throw new MissingInput(`${where} is not usable: ${problem}`);
    keys.push(text.trim());
  }
  return keys;
}

async function script(
  spec: FlexMetalServerSpec,
  read: Read,
  onSecret: (secret: Secret) => void,
): Promise<Secret | undefined> {
  const source = spec.postInstallScript;
  if (source === undefined) return undefined;
  const secret = new Secret(source.inline ?? (await read('spec.postInstallScript', source)));
  if (source.secretKeyRef !== undefined) onSecret(secret);
  return secret;
}

async function readSource(client: KubeClient, namespace: string, where: string, source: Source): Promise<string> {
  const ref = source.secretKeyRef ?? source.configMapKeyRef;
  if (ref === undefined) throw new MissingInput(`${where} names no value. Give it one.`);
  const isSecret = source.secretKeyRef !== undefined;
  const what = `${isSecret ? 'Secret' : 'ConfigMap'} ${namespace}/${ref.name}`;
  const result = await client.get(isSecret ? SECRETS : CONFIG_MAPS, { namespace, name: ref.name });
  if (result.kind === 'notFound')
    throw new MissingInput(`${where}: the ${what} does not exist. Create it in the namespace of this object.`);
  if (result.kind === 'forbidden') {
    throw new MissingInput(
      `${where}: the operator may not read the ${what}. Allow its service account to get it (RBAC) in this namespace.`,
    );
  }
  if (result.kind !== 'ok')
    throw new MissingInput(`${where}: the ${what} cannot be read at the moment (${result.kind}). It is tried again.`);
  const data = isJsonObject(result.object['data']) ? result.object['data'] : {};
  const value = Object.hasOwn(data, ref.key) ? data[ref.key] : undefined;
  if (typeof value !== 'string' || value === '')
    throw new MissingInput(`${where}: the ${what} has no key "${ref.key}" with a value. Add it.`);
  return isSecret ? Buffer.from(value, 'base64').toString('utf8') : value;
}
