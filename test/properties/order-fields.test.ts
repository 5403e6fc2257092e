import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../src/base/time.ts';
import { OUR_TAG_PREFIX, readMarks } from '../../src/resources/names.ts';
import type { FlexMetalTransport, HttpRequest } from '../../src/flexmetal/transport.ts';
import type { Json, JsonObject } from '../support/api-server/json.ts';
import { fieldsOf, isList, parseJson, textOf } from '../support/api-server/json.ts';
import { runs } from '../support/runs.ts';
import { aServer } from '../support/simulation/scenarios.ts';
import { Simulation } from '../support/simulation/simulation.ts';
import type { Leaf, Resolvable } from './orders/sent-fields.ts';
import { NOT_SENT, SENT, SENT_BY_REFERENCE, at, leavesIn, resolvable } from './orders/sent-fields.ts';
import { validOf } from './schema/arbitrary.ts';
import { FIXED_BY_THE_ORDER, SPEC, leavesOf } from './schema/crd.ts';

const REFERENCE = /^(?:(.*)\.)?(?:secretKeyRef|configMapKeyRef)\.(?:name|key)$/;

/** The path of what holds a reference; undefined for a field that is no part of one. */
const holderOf = (path: string): string | undefined => REFERENCE.exec(path)?.[1];

describe('every field of spec', () => {
  test('is sent with the order, or is on the list of those that are not', () => {
    const known = (path: string): boolean =>
      path in SENT || NOT_SENT.includes(path) || (holderOf(path) ?? '') in SENT_BY_REFERENCE;
    expect(leavesOf(SPEC).filter((path) => !known(path))).toEqual([]);
  });

  test('on either list is in the CRD', () => {
    const paths = leavesOf(SPEC);
    const holders = paths.map(holderOf);
    expect([...Object.keys(SENT), ...NOT_SENT].filter((path) => !paths.includes(path))).toEqual([]);
    expect(Object.keys(SENT_BY_REFERENCE).filter((path) => !holders.includes(path))).toEqual([]);
  });

  test('that is not sent may change after the order, and of the others only the tags', () => {
    const changeable = Object.keys(SPEC.properties ?? {}).filter((field) => !FIXED_BY_THE_ORDER.includes(field));
    expect(changeable.toSorted()).toEqual([...NOT_SENT, 'tags'].toSorted());
  });
});

test('what a spec says is what the vendor is asked for, and nothing else', { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(validOf(SPEC), { minLength: 1, maxLength: 6 }), async (specs) => {
      const wanted = specs.map((spec, index) => resolvable(spec, `input-${index}`));
      const orders = await ordersFor(wanted);
      wanted.forEach((one, index) => {
        const order = orders.get(nameOf(index));
        expect(order === undefined ? ['there is no order'] : differences(one, order, nameOf(index))).toEqual([]);
      });
    }),
    runs(25),
  );
});

const nameOf = (index: number): string => `web-${index}`;

/** Applies the specs and gives the body of the first order for each object, by its name. */
async function ordersFor(wanted: readonly Resolvable[]): Promise<ReadonlyMap<string, JsonObject>> {
  const bodies: JsonObject[] = [];
  const sim = new Simulation({
    seed: 1,
    faults: [],
    settings: { ordersPerHourMax: 1_000, serversMax: 1_000 },
    sabotage: { vendor: (inner) => listeningIn(inner, bodies) },
  });
  for (const { inputs } of wanted) for (const input of inputs) sim.user.create(input);
  sim.start();
  await sim.pass(seconds(6));
  const objects = wanted.map(({ spec }, index) => sim.user.create({ ...aServer(nameOf(index)), spec }));
  const uidOf = (object: JsonObject): string | undefined => textOf(fieldsOf(object['metadata'])['uid']);
  const ordered = (): ReadonlyMap<string, JsonObject> =>
    new Map(
      objects.flatMap((object, index) => {
        const body = bodies.find((candidate) => ownersIn(candidate).some((uid) => uid === uidOf(object)));
        return body === undefined ? [] : [[nameOf(index), body] as const];
      }),
    );
  await sim.untilOr(() => ordered().size === wanted.length, minutes(5));
  sim.end();
  return ordered();
}

function listeningIn(inner: FlexMetalTransport, bodies: JsonObject[]): FlexMetalTransport {
  const listen = ({ method, path, body }: HttpRequest): void => {
    if (method === 'POST' && path === '/v3/flexMetal/servers') bodies.push(fieldsOf(parseJson(body ?? '')));
  };
  return {
    send: (request, options) => inner.send(request, options),
    connect: async (options) => {
      const opened = await inner.connect(options);
      if (!('send' in opened)) return opened;
      return {
        send: (request, sendOptions) => {
          listen(request);
          return opened.send(request, sendOptions);
        },
        close: () => opened.close(),
      };
    },
  };
}

const tagsIn = (order: JsonObject): readonly string[] =>
  isList(order['tags']) ? order['tags'].filter((tag) => typeof tag === 'string') : [];
const ownersIn = (order: JsonObject): readonly string[] => readMarks(tagsIn(order)).uids;

/** What is not in the order as it should be, and what is in it without being wanted. */
function differences({ spec, texts }: Resolvable, order: JsonObject, objectName: string): readonly string[] {
  const sent = leavesIn(spec).filter(({ path }) => path in SENT);
  const own = tagsIn(order).filter((tag) => tag.startsWith(OUR_TAG_PREFIX));
  const expected: readonly Leaf[] = [
    ...(fieldsOf(spec)['name'] === undefined ? [{ path: 'name', indices: [], value: objectName }] : []),
    ...sent.flatMap((leaf) => asSent(leaf)).map((leaf) => ({ ...leaf, path: SENT[leaf.path] ?? '' })),
    ...texts.map((leaf) => ({ ...leaf, path: SENT_BY_REFERENCE[leaf.path] ?? '' })),
  ].map((leaf) =>
    leaf.path === 'tags[]' ? { ...leaf, indices: leaf.indices.map((index) => index + own.length) } : leaf,
  );
  const wrong = expected
    .filter(({ path, indices, value }) => at(order, path, indices) !== value)
    .map(
      ({ path, indices, value }) =>
        `${path} ${indices.join()} should be ${JSON.stringify(value)} and is ${JSON.stringify(at(order, path, indices))}`,
    );
  const surplus = leavesIn(order).length - expected.length - own.length;
  return [...wrong, ...(surplus === 0 ? [] : [`${surplus} values too many in ${JSON.stringify(order)}`])];
}

/** Blanks at the ends mean nothing to the vendor and go; so do values that say the same as no value. */
function asSent({ path, indices, value }: Leaf): readonly Leaf[] {
  const as = (changed: Json): readonly Leaf[] => [{ path, indices, value: changed }];
  switch (path) {
    case 'os.partitions[].grow':
      return value === true ? as(-1) : [];
    case 'overflow':
      return value === true ? as(true) : [];
    case 'contractId':
      return value === '' ? [] : as(value);
    case 'os.kernelParams[].value':
    case 'sshKeys[].publicKey':
      return as(typeof value === 'string' ? value.trim() : value);
    default:
      return as(value);
  }
}
