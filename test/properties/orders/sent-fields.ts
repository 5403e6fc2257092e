import type { Json, JsonObject } from '../../support/api-server/json.ts';
import { fieldsOf, isList, isObject } from '../../support/api-server/json.ts';

/** Where each field of spec stands in the order that the vendor's API receives, by path; the indices of lists are the same on both sides. */
export const SENT: Readonly<Record<string, string>> = {
  name: 'name',
  location: 'location',
  instanceType: 'instanceType',
  'os.slug': 'os.slug',
  'os.kernelParams[].key': 'os.kernelParams[].key',
  'os.kernelParams[].value': 'os.kernelParams[].value',
  'os.partitions[].target': 'os.partitions[].target',
  'os.partitions[].filesystem': 'os.partitions[].filesystem',
  'os.partitions[].sizeMB': 'os.partitions[].size',
  'os.partitions[].grow': 'os.partitions[].size',
  'os.ipxeScriptUrl': 'os.ipxeScriptUrl',
  'sshKeys[].publicKey': 'sshKey[]',
  'sshKeys[].uuid': 'sshKey[]',
  'postInstallScript.inline': 'postInstallScript',
  'tags[]': 'tags[]',
  contractId: 'contractId',
  overflow: 'overflow',
};

/** References: not they are sent, but what stands in the Secret or ConfigMap that they name. */
export const SENT_BY_REFERENCE: Readonly<Record<string, string>> = {
  'os.kernelParams[].valueFrom': 'os.kernelParams[].value',
  'sshKeys[]': 'sshKey[]',
  postInstallScript: 'postInstallScript',
};

/** Fields that tell the operator what to do and the vendor nothing. They alone may change after the order, besides tags. */
export const NOT_SENT: readonly string[] = ['deletionPolicy', 'deletionProtection', 'provisioningTimeout'];

/** One value of a spec that holds no other, with its path as in the tables and the indices on the way. */
export interface Leaf {
  readonly path: string;
  readonly indices: readonly number[];
  readonly value: Json;
}

export function leavesIn(value: Json, path = '', indices: readonly number[] = []): readonly Leaf[] {
  if (isList(value)) return value.flatMap((item, index) => leavesIn(item, `${path}[]`, [...indices, index]));
  if (isObject(value)) {
    return Object.entries(value).flatMap(([name, item]) =>
      leavesIn(item, path === '' ? name : `${path}.${name}`, indices),
    );
  }
  return [{ path, indices, value }];
}

/** What stands at a path of the tables; undefined when nothing does. */
export function at(value: Json | undefined, path: string, indices: readonly number[]): Json | undefined {
  let found = value;
  let used = 0;
  for (const step of path.split(/\.|(?=\[\])/)) {
    if (step === '[]') {
      found = isList(found) ? found[indices[used] ?? -1] : undefined;
      used += 1;
    } else found = fieldsOf(found)[step];
  }
  return found;
}

/** What stands in place of a reference, by the path of what holds it. */
const TEXT_OF: Readonly<Record<string, (nth: number) => string>> = {
  'os.kernelParams[].valueFrom': (nth) => `value-${nth}`,
  'sshKeys[]': (nth) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${nth} someone@example.com`,
  postInstallScript: (nth) => `#!/bin/sh\necho ${nth}\n`,
};

/** A spec whose references lead somewhere. */
export interface Resolvable {
  readonly spec: Json;
  /** The Secrets and ConfigMaps that it names. */
  readonly inputs: readonly JsonObject[];
  /** What is to be sent for each reference. */
  readonly texts: readonly Leaf[];
}

/** Gives every reference of a spec a Secret or ConfigMap of its own, with names that start with `prefix`. */
export function resolvable(spec: Json, prefix: string): Resolvable {
  const inputs: JsonObject[] = [];
  const texts: Leaf[] = [];
  const visit = (value: Json, path: string, indices: readonly number[]): Json => {
    if (isList(value)) return value.map((item, index) => visit(item, `${path}[]`, [...indices, index]));
    if (!isObject(value)) return value;
    const fields = Object.entries(value).map(([name, item]): [string, Json] => {
      if (name !== 'secretKeyRef' && name !== 'configMapKeyRef')
        return [name, visit(item, path === '' ? name : `${path}.${name}`, indices)];
      const text = TEXT_OF[path]?.(inputs.length);
      if (text === undefined) throw new Error(`this test does not know what the reference at ${path} leads to`);
      texts.push({ path, indices, value: text });
      const input = { name: `${prefix}-${inputs.length}`, key: `key-${inputs.length}` };
      inputs.push(inputOf(name, input, text));
      return [name, input];
    });
    return Object.fromEntries(fields);
  };
  return { spec: visit(spec, '', []), inputs, texts };
}

function inputOf(
  reference: 'secretKeyRef' | 'configMapKeyRef',
  { name, key }: { readonly name: string; readonly key: string },
  text: string,
): JsonObject {
  const isSecret = reference === 'secretKeyRef';
  return {
    apiVersion: 'v1',
    kind: isSecret ? 'Secret' : 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data: { [key]: isSecret ? Buffer.from(text).toString('base64') : text },
  };
}
