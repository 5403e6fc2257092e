import { expect, inject, test } from 'vitest';
import { ANNOTATION } from '../../src/resources/names.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { SPEC, statusOf } from './support/objects.ts';
import { openStage } from './support/stage.ts';

const kubeconfig = inject('kubeconfig');

test.concurrent('an operator of some namespaces adopts no server whose object may live in another', async () => {
  await using theirs = await openStage({ kubeconfig });
  await using ours = await openStage({ kubeconfig });
  await theirs.operator();
  await theirs.objects.create('web');
  const { serverUuid: theirServer = 'none' } = (await theirs.objects.ready('web')).status ?? {};

  // One account for both, as two teams may have it.
  await ours.operator({ 'api-url': theirs.vendor.url, 'token-file': theirs.tokenFile });
  await ours.objects.create('database', SPEC, { annotations: { [ANNOTATION.resolve]: `adopt=${theirServer}` } });
  // Once it has a server of its own, the answer is refused for that as well: of several Events one has to say this.
  await waitFor('the answer is refused for the namespaces', async () =>
    (await ours.objects.events()).some(
      ({ reason, note }) => reason === 'AnswerRefused' && note.includes('watches some namespaces only'),
    ),
  );
  const refused = await ours.objects.ready('database');
  expect(refused.status?.serverUuid).not.toBe(theirServer);
  expect(statusOf(await theirs.objects.get('web'), 'Ready')).toBe('True');
  const server = theirs.vendor.lives().find(({ uuid }) => uuid === theirServer);
  expect(server?.tags).not.toContainEqual(expect.stringContaining(refused.metadata.uid));
});
