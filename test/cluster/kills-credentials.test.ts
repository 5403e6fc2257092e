import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { request } from 'undici';
import { expect, inject, test } from 'vitest';
import * as z from 'zod';
import { openRest } from '../support/cluster/rest.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { openStage } from './support/stage.ts';
import type { Stage } from './support/stage.ts';
import { ORDER } from './support/vendor.ts';

const kubeconfig = inject('kubeconfig');

/** Credentials that were refused are read anew after 5 s at the earliest. */
const PATIENT = { 'lease-duration': '30s', 'lease-renew-deadline': '20s' };

test.concurrent("the vendor's token that ends during an order, and is renewed, leads to one server", async () => {
  await using stage = await openStage({ kubeconfig });
  await using file = fileOf(`${stage.vendor.token}\n`);
  const { objects, vendor } = stage;
  vendor.addFault({ match: { operation: ORDER, name: 'web' }, times: 1, do: { replyAfter: '2s' } });
  const operator = await stage.operator({ 'token-file': file.path });
  // By its server the operator knows the account again when the token is another.
  await objects.create('first');
  await objects.ready('first');
  await objects.create('web');
  await vendor.orderArrived(2);
  const renewed = `${vendor.token}-renewed`;
  const reply = await request(`${vendor.url}/__sim/token`, { method: 'PUT', body: JSON.stringify({ token: renewed }) });
  expect(reply.statusCode).toBe(204);
  await reply.body.dump();
  await objects.create('late');
  await objects.when('told that the token is refused', 'late', ({ status }) =>
    (status?.conditions ?? []).some(({ reason }) => reason === 'CredentialsInvalid'),
  );
  writeFileSync(file.path, `${renewed}\n`);
  const web = await objects.ready('web', 60_000);
  await objects.ready('late', 60_000);
  await objects.ready('first');
  expect(vendor.orders().map(({ name }) => name)).toEqual(['first', 'web', 'late']);
  expect(web.status?.order).toMatchObject({ outcome: 'created', attempts: 1 });
  expect(operator.end).toBeUndefined();
});

test.concurrent("Kubernetes' token that ends, and is renewed in its file, costs nothing but the time between", async () => {
  await using stage = await openStage({ kubeconfig });
  await using file = fileOf(readFileSync(stage.account, 'utf8'));
  const operator = await stage.operator({ kubeconfig: file.path, ...PATIENT });
  await stage.objects.create('web');
  await stage.objects.ready('web');
  const old = readFileSync(stage.account, 'utf8');
  writeFileSync(file.path, old.replace(tokenIn(old), await renewedToken(stage)));
  const withOldToken = openRest(stage.account);
  try {
    const refused = async (): Promise<boolean> =>
      (await withOldToken.request('GET', stage.objects.collection)).status === 401;
    await waitFor('the old token is refused', refused);
  } finally {
    await withOldToken.close();
  }
  await stage.objects.create('after');
  await stage.objects.ready('after', 60_000);
  expect(stage.vendor.orders()).toHaveLength(2);
  expect(operator.end).toBeUndefined();
});

/** Makes the operator's service account anew: every token of the old one ends, and the rights stay with the name. */
async function renewedToken({ rest, namespace }: Stage): Promise<string> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await rest.must('DELETE', `${accounts}/operator`);
  await rest.must('POST', accounts, { body: { metadata: { name: 'operator' } } });
  const reply = await rest.must('POST', `${accounts}/operator/token`, { body: { spec: { expirationSeconds: 3_600 } } });
  return z.object({ status: z.object({ token: z.string() }) }).parse(reply).status.token;
}

const tokenIn = (text: string): string => /token: (\S+)/.exec(text)?.[1] ?? '';

function fileOf(content: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-credentials-'));
  const where = path.join(folder, 'credentials');
  writeFileSync(where, content, { mode: 0o600 });
  return {
    path: where,
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
