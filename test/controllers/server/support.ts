import { seededRandom } from '../../../src/base/random.ts';
import type { Entry } from '../../../src/core/model/ledger.ts';
import { formatEntry } from '../../../src/core/model/ledger.ts';
import type { ParsedObject } from '../../../src/controllers/server/writes.ts';
import { parseRaw } from '../../../src/controllers/server/writes.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { readKubeObject } from '../../../src/kube/object.ts';
import { ANNOTATION, API_VERSION, FINALIZER } from '../../../src/resources/names.ts';
import { ok, ScriptedTransport } from '../../kube/support/scripted-transport.ts';
import { aSpec, UID } from '../../support/builders.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** games/web as the API server stores it, with both copies of a ledger. */
export function raw(
  entry: Entry | undefined,
  differing: {
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly spec?: unknown;
    readonly status?: Readonly<Record<string, unknown>>;
  } = {},
): KubeObject {
  const order = entry === undefined ? undefined : formatEntry(entry);
  const object = readKubeObject({
    apiVersion: API_VERSION,
    kind: 'FlexMetalServer',
    metadata: {
      namespace: 'games',
      name: 'web',
      uid: UID,
      resourceVersion: '10',
      generation: 1,
      finalizers: [FINALIZER],
      annotations: {
        ...(order === undefined ? {} : { [ANNOTATION.order]: JSON.stringify(order) }),
        ...differing.annotations,
      },
      ...differing.metadata,
    },
    spec: differing.spec ?? aSpec(),
    status: differing.status ?? (order === undefined ? {} : { order }),
  });
  if (object === undefined) throw new Error('the draft makes no object');
  return object;
}

export function parsed(object: KubeObject): NonNullable<ParsedObject['object']> {
  const result = parseRaw(object).object;
  if (result === undefined) throw new Error('the object cannot be read');
  return result;
}

/** A client of an API server that answers as a test says; by default with the given object. */
export function talkingTo(object: KubeObject | undefined) {
  const transport = new ScriptedTransport();
  if (object !== undefined) transport.answer = () => ok(object);
  const clock = new VirtualClock();
  return { transport, clock, client: new KubeClient({ transport, clock, random: seededRandom(1) }) };
}
