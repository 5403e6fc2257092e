import { expect, inject, test } from 'vitest';
import { ANNOTATION } from '../../src/resources/names.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import type { ServerObject } from './support/objects.ts';
import { ready } from './support/objects.ts';
import { openStage } from './support/stage.ts';
import type { Stage } from './support/stage.ts';
import { ORDER } from './support/vendor.ts';

const kubeconfig = inject('kubeconfig');

type Forgetful = (stage: Stage, name: string) => Promise<void>;

/** A client that knows neither our annotation nor our finalizer and writes the whole object, as old scripts do. */
const dropAnnotationAndFinalizer: Forgetful = (stage, name) =>
  replace(stage, name, '', (object) => {
    const { annotations: _annotations, finalizers: _finalizers, ...metadata } = object.metadata;
    return { ...object, metadata };
  });

/** A restore from a backup that holds no status. */
const dropStatus: Forgetful = (stage, name) => replace(stage, name, '/status', (object) => ({ ...object, status: {} }));

/** The operator writes as well: whoever loses that race reads again, as every client does. */
async function replace(
  { objects }: Stage,
  name: string,
  part: '' | '/status',
  change: (object: ServerObject) => ServerObject,
): Promise<void> {
  const written = async (): Promise<boolean> =>
    (await objects.replace(change(await objects.get(name)), part)).status === 200;
  await waitFor(`${name} is replaced`, written, { timeoutMs: 5_000, everyMs: 10 });
}

const dropBoth: Forgetful = async (stage, name) => {
  await dropAnnotationAndFinalizer(stage, name);
  await dropStatus(stage, name);
};

const CLIENTS: readonly (readonly [string, Forgetful])[] = [
  ['annotation and finalizer', dropAnnotationAndFinalizer],
  ['status', dropStatus],
  ['annotation, finalizer and status', dropBoth],
];

test.concurrent.each(CLIENTS)('a client that drops %s of a Ready object changes nothing', async (_what, drop) => {
  await using stage = await openStage({ kubeconfig });
  const { objects, vendor } = stage;
  await stage.operator();
  await objects.create('web');
  const before = await objects.ready('web');
  await drop(stage, 'web');
  const after = await objects.when('whole again', 'web', isWhole);
  expect(after.status?.serverUuid).toBe(before.status?.serverUuid);
  await objects.ready('web');
  expect(vendor.orders()).toHaveLength(1);
  await objects.delete('web');
  await objects.gone('web');
  expect(vendor.lives().map(({ end }) => end)).toEqual(['released']);
});

test.concurrent.each(CLIENTS)(
  'a client that drops %s in the middle of an order leads to one server',
  async (_what, drop) => {
    await using stage = await openStage({ kubeconfig });
    const { objects, vendor } = stage;
    vendor.addFault({ match: { operation: ORDER }, times: 1, do: { replyAfter: '2s' } });
    await stage.operator();
    await objects.create('web');
    const server = await vendor.serverExists();
    await drop(stage, 'web');
    const object = await objects.when('whole and Ready', 'web', (it) => isWhole(it) && ready(it), 60_000);
    expect(object.status?.serverUuid).toBe(server.uuid);
    expect(vendor.orders()).toHaveLength(1);
  },
);

test.concurrent('an operator that starts after a client dropped all it had written finds its server again', async () => {
  await using stage = await openStage({ kubeconfig });
  const { objects, vendor } = stage;
  const first = await stage.operator();
  await objects.create('web');
  const before = await objects.ready('web');
  first.kill('SIGKILL');
  await first.ended;
  await dropBoth(stage, 'web');
  await stage.operator();
  const after = await objects.when('whole and Ready', 'web', (it) => isWhole(it) && ready(it), 60_000);
  expect(after.status?.serverUuid).toBe(before.status?.serverUuid);
  expect(vendor.orders()).toHaveLength(1);
});

const isWhole = ({ metadata, status }: ServerObject): boolean =>
  metadata.annotations?.[ANNOTATION.order] !== undefined &&
  metadata.finalizers !== undefined &&
  status?.order?.serverUuid !== undefined;
