import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, inject, test } from 'vitest';
import { ANNOTATION, API_VERSION } from '../../src/resources/names.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { SPEC, statusOf } from './support/objects.ts';
import { openStage } from './support/stage.ts';

const kubeconfig = inject('kubeconfig');

test.concurrent('an operator of some namespaces adopts no server whose object may live in another', async () => {
  await using theirs = await openStage({ kubeconfig });
  await using ours = await openStage({ kubeconfig });
  const folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-namespaces-'));
  try {
    const tokenFile = path.join(folder, 'token');
    writeFileSync(tokenFile, theirs.vendor.token, { mode: 0o600 });
    await theirs.operator();
    await theirs.objects.create('web');
    const { serverUuid: theirServer = 'none' } = (await theirs.objects.ready('web')).status ?? {};

    // One account for both, as two teams may have it.
    await ours.operator({ 'api-url': theirs.vendor.url, 'token-file': tokenFile });
    const annotations = { [ANNOTATION.resolve]: `adopt=${theirServer}` };
    await ours.rest.must('POST', ours.objects.collection, {
      body: {
        apiVersion: API_VERSION,
        kind: 'FlexMetalServer',
        metadata: { name: 'database', annotations },
        spec: SPEC,
      },
    });
    // What its condition says changes as soon as it has a server of its own.
    const told = await waitFor('the answer is refused', async () =>
      (await ours.objects.events()).find(({ reason }) => reason === 'AnswerRefused'),
    );
    expect(told.note).toContain('watches some namespaces only');
    const refused = await ours.objects.ready('database');
    expect(refused.status?.serverUuid).not.toBe(theirServer);
    expect(statusOf(await theirs.objects.get('web'), 'Ready')).toBe('True');
    const server = theirs.vendor.lives().find(({ uuid }) => uuid === theirServer);
    expect(server?.tags).not.toContainEqual(expect.stringContaining(refused.metadata.uid));
    expect(ours.vendor.orders()).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
