import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { FlexMetalServerSpec } from '../../src/resources/flexmetalserver/schema.ts';
import { API_VERSION } from '../../src/resources/names.ts';
import { readManifests } from '../support/cluster/kit.ts';

const FOLDER = path.join(import.meta.dirname, '../../examples');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

test('each situation that the documentation names has its example', () => {
  expect(files).toEqual(
    expect.arrayContaining([
      'contract-with-overflow.yaml',
      'custom-ipxe.yaml',
      'partitions.yaml',
      'talos.yaml',
      'ubuntu.yaml',
      'windows.yaml',
    ]),
  );
});

describe.each(files)('%s', (file) => {
  const manifests = readManifests(path.join(FOLDER, file));
  const servers = manifests.filter(({ kind }) => kind === 'FlexMetalServer');

  test('orders one server with a valid spec', () => {
    expect(servers.map(({ apiVersion }) => apiVersion)).toEqual([API_VERSION]);
    expect(FlexMetalServerSpec.safeParse(servers[0]?.['spec']).error).toBeUndefined();
  });

  test('brings every Secret and ConfigMap that it refers to', () => {
    const known = manifests.flatMap(({ kind, metadata, ...fields }) =>
      Object.keys({ ...asObject(fields['data']), ...asObject(fields['stringData']) }).map(
        (key) => `${kind} ${metadata.name} ${key}`,
      ),
    );
    expect(known).toEqual(expect.arrayContaining(references(servers[0]?.['spec'])));
  });
});

/** `Secret <name> <key>` for each reference below a value. */
function references(value: unknown): string[] {
  return Object.entries(asObject(value)).flatMap(([field, below]) => {
    const kind = { secretKeyRef: 'Secret', configMapKeyRef: 'ConfigMap' }[field];
    const { name, key } = asObject(below);
    return kind === undefined ? references(below) : [`${kind} ${String(name)} ${String(key)}`];
  });
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
