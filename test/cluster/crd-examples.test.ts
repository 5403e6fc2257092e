import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { applyCrds, createNamespace, readManifests } from '../support/cluster/kit.ts';
import type { Manifest } from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';

const FOLDER = path.join(import.meta.dirname, '../../examples');
const admin = openRest(inject('kubeconfig'));
let namespace = '';

beforeAll(async () => {
  await applyCrds(admin);
  namespace = await createNamespace(admin, 'examples');
});
afterAll(() => admin.close());

const manifests = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((file) =>
    readManifests(path.join(FOLDER, file)).map((manifest) => [file, manifest.kind, manifest] as const),
  );

test.each(manifests)('%s: the %s is taken as it stands', async (_file, _kind, manifest) => {
  const target = `${collectionOf(manifest)}/${manifest.metadata.name}?fieldManager=example&dryRun=All&fieldValidation=Strict`;
  const reply = await admin.request('PATCH', target, { body: manifest, contentType: 'application/apply-patch+yaml' });
  expect(reply).toMatchObject({ status: 201 });
});

function collectionOf({ apiVersion, kind }: Manifest): string {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${root}/namespaces/${namespace}/${kind.toLowerCase()}s`;
}
