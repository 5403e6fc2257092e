import { uidTag } from '../../src/resources/names.ts';
import { parseObjectUid } from '../../src/base/ids.ts';
import type { VendorFacts, VendorServer } from './simulator.ts';

/** What was seen in the cluster during the tour. */
export interface Seen {
  /** For each object that was applied, by name. */
  readonly objects: readonly SeenObject[];
  readonly changed: { readonly name: string; readonly tag: string } | undefined;
  readonly deleted: string | undefined;
  /** The deleted object went from the cluster. */
  readonly deletedIsGone: boolean;
}

export interface SeenObject {
  readonly name: string;
  readonly uid: string;
  readonly wasReady: boolean;
  /** The vendor's statuses in the order in which they were first seen in the object's status, before it was deleted. */
  readonly statuses: readonly string[];
}

export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** Why not; empty when it is. */
  readonly detail: string;
}

/** Holds what the operator showed against what really happened at the vendor's. Pure. */
export function judge(seen: Seen, vendor: VendorFacts): readonly Check[] {
  const serversOf = (object: SeenObject): readonly VendorServer[] =>
    vendor.servers.filter(({ tags }) => tags.includes(tagOf(object)));
  const ordersOf = (object: SeenObject): number => vendor.orders.filter((tags) => tags.includes(tagOf(object))).length;
  const each = (what: string, complaint: (object: SeenObject) => string | undefined): Check => {
    const complaints = seen.objects.flatMap((object) => {
      const found = complaint(object);
      return found === undefined ? [] : [`${object.name} ${found}`];
    });
    return check(what, complaints);
  };
  const total = seen.objects.length;
  return [
    each(`${total} of ${total} servers became Ready`, ({ wasReady }) => (wasReady ? undefined : 'did not')),
    each('each was seen on its way to delivered', ({ statuses }) => {
      if (statuses.at(-1) !== 'delivered') return `was last seen ${statuses.at(-1) ?? 'before its order'}`;
      return statuses.length > 1 ? undefined : 'was not seen before it was delivered';
    }),
    each('each object has exactly one order', (object) =>
      ordersOf(object) === 1 ? undefined : `has ${ordersOf(object)}`,
    ),
    check(
      'nothing else was ordered',
      vendor.orders.length > total ? [`${vendor.orders.length} orders for ${total} objects`] : [],
    ),
    check('the new tag reached its server', [...changeComplaint(seen, vendor)]),
    check('the deleted object went', seen.deleted !== undefined && seen.deletedIsGone ? [] : ['it is still there']),
    each('its server was released, and no other', (object) => {
      const wanted = object.name === seen.deleted ? 'released' : 'delivered';
      const statuses = serversOf(object).map(({ status }) => status);
      return statuses.length === 1 && statuses[0] === wanted ? undefined : `is ${statuses.join(', ') || 'not there'}`;
    }),
  ];
}

/** What was ordered, what was released and what it cost, for people. */
export function summaryOf(seen: Seen, vendor: VendorFacts): readonly string[] {
  const nameOf = (tags: readonly string[]): string =>
    seen.objects.find((object) => tags.includes(tagOf(object)))?.name ?? 'something else';
  const released = vendor.servers.filter(({ status }) => status === 'released');
  const total = Object.values(vendor.calls).reduce((sum, count) => sum + count, 0);
  const routes = Object.entries(vendor.calls).sort(([, a], [, b]) => b - a);
  const width = Math.max(0, ...routes.map(([, count]) => String(count).length));
  return [
    `ordered    ${vendor.orders.length}: ${vendor.orders.map(nameOf).join(', ')}`,
    `released   ${released.length}: ${released.map(({ tags, uuid }) => `${nameOf(tags)} (${uuid})`).join(', ')}`,
    `API calls  ${total}`,
    ...routes.map(([route, count]) => `           ${String(count).padStart(width)}  ${route}`),
  ];
}

function changeComplaint(seen: Seen, vendor: VendorFacts): readonly string[] {
  const { changed } = seen;
  const object = seen.objects.find(({ name }) => name === changed?.name);
  if (changed === undefined || object === undefined) return ['no tag was changed'];
  const server = vendor.servers.find(({ tags }) => tags.includes(tagOf(object)));
  return server?.tags.includes(changed.tag) === true ? [] : [`${changed.name} lacks ${changed.tag}`];
}

const check = (what: string, complaints: readonly string[]): Check => ({
  what,
  ok: complaints.length === 0,
  detail: complaints.join('; '),
});

function tagOf({ uid }: SeenObject): string {
  const parsed = parseObjectUid(uid);
  if (parsed === undefined) throw new Error(`${uid} is no uid`);
  return uidTag(parsed);
}
