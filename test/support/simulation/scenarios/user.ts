import type { Millis } from '../../../../src/base/time.ts';
import { minutes } from '../../../../src/base/time.ts';
import { ANNOTATION, FINALIZER } from '../../../../src/resources/names.ts';
import { fieldsOf, isList, parseJson, textOf } from '../../api-server/json.ts';
import type { JsonObject } from '../../api-server/json.ts';
import { A_PUBLIC_KEY } from '../../simulated-world.ts';
import { CANARIES } from '../canaries.ts';
import type { Simulation } from '../simulation.ts';

/** What people do in the cluster: their manifests, and the steps that many scripts share. */

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'inputs', namespace: 'default' },
  data: { script: base64(CANARIES.script), param: base64(CANARIES.kernelParam) },
};

export const aServer = (name: string, spec: object = {}) => ({
  apiVersion: 'flexmetal.i3d.net/v1alpha1',
  kind: 'FlexMetalServer',
  metadata: { name, namespace: 'default' },
  spec: {
    location: 'EU: Rotterdam',
    instanceType: 'bm7.std.8',
    os: {
      slug: 'ubuntu-2404-lts',
      kernelParams: [{ key: 'secret', valueFrom: { secretKeyRef: { name: 'inputs', key: 'param' } } }],
    },
    sshKeys: [{ publicKey: A_PUBLIC_KEY }],
    postInstallScript: { secretKeyRef: { name: 'inputs', key: 'script' } },
    tags: ['team:web'],
    ...spec,
  },
});

export const WEB = aServer('web-1');

export async function deliver(sim: Simulation): Promise<void> {
  sim.user.create(WEB);
  await ready(sim);
}

export const ready = (sim: Simulation, limit?: Millis): Promise<void> =>
  sim.until('web-1 is Ready', () => sim.isReady('web-1'), limit);

/** Waits for a reason that stays until a person acts. */
export const blocked = (sim: Simulation, reason: string, limit?: Millis): Promise<void> =>
  sim.until(`web-1 stands in ${reason}`, () => sim.reasonOf('web-1') === reason, limit);

/** Waits for a reason that passes by itself, and that a fault may hide. */
export const passing = (sim: Simulation, reason: string, limit: Millis = minutes(20)): Promise<void> =>
  sim.untilOr(() => sim.reasonOf('web-1') === reason, limit);

/** Waits for the first order to be at the vendor; a fault may have made its attempt one that must be settled first. */
export const orderSent = (sim: Simulation): Promise<void> =>
  sim.until('an order is sent', () => sim.world.orders().length > 0);

export async function remove(sim: Simulation, limit?: Millis): Promise<void> {
  sim.user.delete(WEB);
  await gone(sim, limit);
}

export const gone = (sim: Simulation, limit?: Millis): Promise<void> =>
  sim.until('web-1 is gone', () => sim.object('web-1') === undefined, limit);

/** Says `resolve: <verb>=<subject>` on web-1. */
export const answer = (sim: Simulation, verb: string, subject: string): JsonObject =>
  sim.user.annotate(WEB, { [ANNOTATION.resolve]: `${verb}=${subject}` });

/** Types what the message of Ready says, once it says so: the first command in it that gives this answer. */
export async function answerAsTold(sim: Simulation, verb: string): Promise<void> {
  const told = (): string | undefined =>
    new RegExp(`${ANNOTATION.resolve}=(${verb}=[^\\s;)]+)`).exec(sim.describe())?.[1];
  await sim.until(`a message tells how to ${verb}`, () => told() !== undefined);
  const words = told();
  if (words !== undefined) sim.user.annotate(WEB, { [ANNOTATION.resolve]: words });
}

/** The newer copy of web-1's ledger. */
export function ledgerOf(sim: Simulation): JsonObject {
  const object = sim.object('web-1');
  const copies = [fieldsOf(fieldsOf(object?.['status'])['order']), fieldsOf(parseJson(annotated(object) ?? '{}'))];
  return copies.reduce((left, right) =>
    Number(right['revision'] ?? 0) > Number(left['revision'] ?? 0) ? right : left,
  );
}

const annotated = (object: JsonObject | undefined): string | undefined =>
  textOf(fieldsOf(fieldsOf(object?.['metadata'])['annotations'])[ANNOTATION.order]);

export const isAnnotated = (sim: Simulation): boolean => annotated(sim.object('web-1')) !== undefined;

export const attemptOf = (sim: Simulation): string => textOf(ledgerOf(sim)['attempt']) ?? '';

/** The uuid of web-1's server, as the ledger says it. */
export const serverOf = (sim: Simulation): string => textOf(ledgerOf(sim)['serverUuid']) ?? '';

/** Whether the operator's finalizer keeps web-1. */
export function hasFinalizer(sim: Simulation): boolean {
  const { finalizers } = fieldsOf(sim.object('web-1')?.['metadata']);
  return isList(finalizers) && finalizers.includes(FINALIZER);
}

export const uidOf = (sim: Simulation): string => textOf(fieldsOf(sim.object('web-1')?.['metadata'])['uid']) ?? '';

/** What a careless restore of status and a replaced manifest leave: no copy of the order. */
export function loseLedgers(sim: Simulation): void {
  sim.user.edit(WEB, { status: null }, 'status');
  sim.user.annotate(WEB, { [ANNOTATION.order]: null });
}

/** The object goes and its server stays: somebody took the finalizers off. What is left is the script's doing. */
export async function abandon(sim: Simulation): Promise<JsonObject> {
  const backup = sim.user.get(WEB) ?? {};
  sim.abandoned.add(uidOf(sim));
  sim.user.dropFinalizers(WEB);
  sim.user.delete(WEB);
  await sim.until('web-1 is gone at once', () => sim.object('web-1') === undefined);
  return backup;
}
