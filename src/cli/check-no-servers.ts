import { assertNever } from '../base/assert-never.ts';
import { readLedger } from '../core/model/ledger.ts';
import type { ApiFailure } from '../kube/classify.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/object.ts';
import { keyOf } from '../kube/object.ts';
import type { Resource } from '../kube/resource.ts';
import { parseFlexMetalServer } from '../resources/flexmetalserver/parse.ts';
import { GROUP, VERSION } from '../resources/names.ts';
import type { Finding } from './finding.ts';

const SERVERS: Resource = { group: GROUP, version: VERSION, plural: 'flexmetalservers' };
const PAGE_SIZE = 500;
/** Far more objects than an API server holds. */
const PAGES_MAX = 2_000;
const NAMES_MAX = 20;

type Lister = Pick<KubeClient, 'listPage'>;

/**
 * Counts the FlexMetalServers that are left.
 * @param namespaces where to look; empty for everywhere
 * Promise: `right` only when complete lists of all of them were empty.
 */
export async function checkNoServers(
  namespaces: readonly string[],
  kube: Lister,
  signal: AbortSignal,
): Promise<Finding> {
  const census = new Census();
  for (const namespace of namespaces.length === 0 ? [undefined] : namespaces) {
    const failure = await count(census, namespace, kube, signal);
    if (failure !== undefined) return cannotTell(failure, namespace);
  }
  return census.finding(namespaces);
}

/** Adds a whole list to the census; what kept it from that otherwise. */
async function count(
  census: Census,
  namespace: string | undefined,
  kube: Lister,
  signal: AbortSignal,
): Promise<string | undefined> {
  let continueToken: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page = await kube.listPage(SERVERS, { namespace, limit: PAGE_SIZE, continueToken }, { signal });
    if (page.kind !== 'page') return reasonOf(page);
    census.add(page.items, page.unreadable);
    continueToken = page.continueToken;
    if (continueToken === undefined) return undefined;
  }
  return `the list did not end within ${PAGES_MAX} pages`;
}

function reasonOf(failure: ApiFailure): string {
  switch (failure.kind) {
    case 'unavailable':
      return failure.code === 404
        ? 'the API server does not know the kind: its CRD is not installed'
        : `the API server gave no usable answer: ${failure.cause}`;
    case 'gone':
      return 'the list changed while it was read: try again';
    case 'notFound':
    case 'alreadyExists':
    case 'conflict':
    case 'invalid':
    case 'unauthorized':
    case 'forbidden':
      return failure.message;
    default:
      return assertNever(failure, 'failure of a list');
  }
}

const STAY =
  'To leave them to a later installation, with their servers running and costing money: helm uninstall --no-hooks';

const cannotTell = (reason: string, namespace: string | undefined): Finding => ({
  verdict: 'unknown',
  lines: [
    `Whether FlexMetalServers are left${namespace === undefined ? '' : ` in namespace ${namespace}`} cannot be told: ${reason}.`,
    `Look yourself: kubectl get flexmetalservers ${where(namespace)}`,
    'To uninstall without this check: helm uninstall --no-hooks',
  ],
});

const where = (namespace: string | undefined): string =>
  namespace === undefined ? '--all-namespaces' : `--namespace ${namespace}`;

/** What an object's own records say about a server. */
type Holding =
  | { readonly kind: 'none' }
  | { readonly kind: 'maybe' }
  | { readonly kind: 'server'; readonly name: string };

class Census {
  readonly #names: string[] = [];
  readonly #counts = { none: 0, maybe: 0, server: 0 };

  add(objects: readonly KubeObject[], unreadable: number): void {
    for (const object of objects) {
      const holding = holdingOf(object);
      this.#counts[holding.kind] += 1;
      if (this.#names.length < NAMES_MAX) this.#names.push(lineOf(object, holding));
    }
    this.#counts.maybe += unreadable;
  }

  finding(namespaces: readonly string[]): Finding {
    const { none, maybe, server } = this.#counts;
    const total = none + maybe + server;
    const place = namespaces.length === 0 ? '' : ` in ${namespaces.join(', ')}`;
    if (total === 0) return { verdict: 'right', lines: [`No FlexMetalServer is left${place}.`] };
    const hidden = total - this.#names.length;
    return {
      verdict: 'wrong',
      lines: [
        `${total === 1 ? '1 FlexMetalServer is' : `${total} FlexMetalServers are`} left${place}. With a server: ${server}. Perhaps with one: ${maybe}. Without: ${none}.`,
        ...this.#names,
        ...(hidden > 0 ? [`  and ${hidden} more`] : []),
        'Without the operator nothing watches or releases their servers, and they go on costing money.',
        `To release them: kubectl delete flexmetalservers, and wait until kubectl get flexmetalservers ${where(undefined)} shows none.`,
        STAY,
      ],
    };
  }
}

function lineOf(object: KubeObject, holding: Holding): string {
  const going = object.metadata['deletionTimestamp'] === undefined ? '' : ', being deleted';
  return `  ${keyOf(object)}  ${SAYS[holding.kind]}${holding.kind === 'server' ? ` ${holding.name}` : ''}${going}`;
}

const SAYS = {
  none: 'no server',
  maybe: 'perhaps a server: its order is not settled',
  server: 'server',
} as const satisfies Record<Holding['kind'], string>;

function holdingOf(raw: KubeObject): Holding {
  const { object } = parseFlexMetalServer(raw);
  if (object === undefined) return { kind: 'maybe' };
  const ledger = readLedger(object.uid, object.annotationLedger, object.statusLedger);
  if (ledger.kind === 'none') return { kind: 'none' };
  if (ledger.kind === 'unreadable') return { kind: 'maybe' };
  const { outcome } = ledger.entry;
  if (outcome.kind === 'created') return { kind: 'server', name: outcome.server };
  return { kind: outcome.kind === 'open' ? 'maybe' : 'none' };
}
