import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { millis } from '../../src/base/time.ts';
import type {
  CreateOutcome,
  ListOutcome,
  ReadOutcome,
  ReleaseOutcome,
  TagOutcome,
} from '../../src/core/model/outcomes.ts';
import type { ServerRecord } from '../../src/core/model/server-record.ts';
import { livenessOf } from '../../src/core/model/server-record.ts';
import { RateBudget } from '../../src/flexmetal/budget.ts';
import { FlexMetalClient } from '../../src/flexmetal/client.ts';
import type { FlexMetalTransport, HttpRequest } from '../../src/flexmetal/transport.ts';
import type { OddReply } from '../properties/replies/odd-replies.ts';
import { OUR_TAGS, SCRIPT, TOKEN, oddReplies } from '../properties/replies/odd-replies.ts';
import * as truth from '../properties/replies/oracle.ts';
import { runs } from '../support/runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { faultyApi } from './support/faulty-server.ts';
import { UUID, anOrder } from './support/replies.ts';

/** Everything that the client can be asked, with what it made of the replies. */
interface Beliefs {
  readonly create: CreateOutcome;
  readonly release: ReleaseOutcome;
  readonly add: TagOutcome;
  readonly remove: TagOutcome;
  readonly read: ReadOutcome;
  readonly list: ListOutcome;
}

/** The real client on a transport that answers every call alike, but for the quota that explains a refusal. */
function clientOn(reply: OddReply, quota: OddReply): FlexMetalClient {
  const answer = ({ path }: HttpRequest) =>
    Promise.resolve({ kind: 'reply' as const, ...(path.includes('/quota/') ? quota : reply) });
  const transport: FlexMetalTransport = {
    send: answer,
    connect: () => Promise.resolve({ send: answer, close: () => undefined }),
  };
  const clock = new VirtualClock();
  return new FlexMetalClient({
    transport,
    clock,
    tokens: { current: async () => ({ kind: 'token', token: new Secret(TOKEN) }), refresh: () => undefined },
    budget: new RateBudget({ clock, requestsPerSecond: Infinity, burst: 100 }),
    baseUrl: 'https://api.example',
    salt: 'salt',
    userAgent: 'test',
    pageSize: 100,
    pagesMax: 3,
  });
}

async function sent<Outcome>(
  opened: { readonly kind: 'open'; readonly send: () => Promise<Outcome> } | { readonly kind: string },
): Promise<Outcome> {
  if (!('send' in opened)) throw new Error(`nothing was sent: ${opened.kind}`);
  return opened.send();
}

/** @param fresh gives a client that waits for nothing that another reply asked for */
async function beliefsOf(fresh: () => FlexMetalClient): Promise<Beliefs> {
  return {
    create: await sent(await fresh().openOrder(anOrder({ postInstallScript: new Secret(SCRIPT) }))),
    release: await sent(await fresh().openRelease(UUID)),
    add: await fresh().addTag(UUID, 'web'),
    remove: await fresh().removeTag(UUID, 'web'),
    read: await fresh().getServer(UUID, 'settle'),
    list: await fresh().listServers('observe'),
  };
}

/** What stands around a word and is not seen is no part of it. */
const visible = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Z}]+/gu, ' ')
    .trim();

/** A record says no more than its server: the same uuid, no tag that is not there, all of ours where all can be read, over only where it says so. */
function isFaithful(record: ServerRecord, server: Readonly<Record<string, unknown>>): boolean {
  const { tags: wire } = server;
  const tags = (Array.isArray(wire) ? wire : Object.values(Object(wire)))
    .filter((tag) => typeof tag === 'string')
    .map(visible);
  const areReadable = truth.tagsOf(server) !== undefined;
  const status = typeof server['status'] === 'string' ? visible(server['status']).toLowerCase() : '';
  const liveness = livenessOf(record);
  return (
    record.uuid === truth.uuidOf(server) &&
    record.tags.every((tag) => tags.includes(tag) || tag.endsWith('…')) &&
    (!areReadable || OUR_TAGS.every((tag) => record.tags.includes(tag) === tags.includes(tag))) &&
    (liveness === 'live' || liveness === status)
  );
}

const toldOf = (outcome: CreateOutcome | ReleaseOutcome | TagOutcome): truth.Expected => {
  switch (outcome.kind) {
    case 'created':
      return { kind: 'created', uuid: outcome.server.uuid };
    case 'refused':
      return { kind: 'refused', class: outcome.refusal.class, code: outcome.refusal.errorCode ?? NaN };
    case 'accepted':
    case 'applied':
      return { kind: 'done' };
    case 'notFound':
    case 'unclear':
      return { kind: outcome.kind };
  }
};

/** A refusal as invalid may turn out to be one of quota, and only then. */
function explained(expected: truth.Expected, quota: OddReply): readonly truth.Expected[] {
  if (expected.kind !== 'refused' || expected.class !== 'invalid') return [expected];
  return truth.quotaIsUsedUp(quota) ? [expected, { ...expected, class: 'quota' }] : [expected];
}

/** A 404 says that the server is not there when it is released, and that something is not there when it is tagged. */
const released = (expected: truth.Expected): truth.Expected =>
  expected.kind === 'refused' && expected.class === 'notFound' ? { kind: 'notFound' } : expected;

const NO_SECRETS = 'no secret comes back, no text is long, no wait is endless';

const VERDICTS: readonly (readonly [
  what: string,
  holds: (beliefs: Beliefs, reply: OddReply, quota: OddReply) => void,
])[] = [
  [
    'an order is created or refused only by a reply that says so',
    ({ create }, reply, quota) => expect(explained(truth.createOf(reply), quota)).toContainEqual(toldOf(create)),
  ],
  [
    'a release is taken, refused or pointless only by a reply that says so',
    ({ release }, reply) => expect(toldOf(release)).toEqual(released(truth.changeOf(reply, UUID))),
  ],
  [
    'a tag is changed or refused only by a reply that says so',
    ({ add, remove }, reply) => {
      expect(toldOf(add)).toEqual(truth.changeOf(reply, UUID));
      expect(toldOf(remove)).toEqual(truth.changeOf(reply, UUID));
    },
  ],
  [
    'a server is present or not found only by a reply that says so',
    ({ read }, reply) => expect(read.kind).toBe(truth.readOf(reply, UUID)),
  ],
  [
    'a list is complete only when every server in it can be read',
    ({ list }, reply) => {
      const servers = truth.listOf(reply);
      expect(list.kind === 'complete').toBe(servers !== undefined);
      if (list.kind === 'complete') expect([...list.listing.servers.keys()]).toEqual([...(servers?.keys() ?? [])]);
    },
  ],
  [
    'no record says more than its server',
    ({ create, release, add, read, list }, reply) => {
      const records = [create, release, add, read].flatMap((outcome) => ('server' in outcome ? [outcome.server] : []));
      const listed = list.kind === 'complete' ? [...list.listing.servers.values()] : [];
      for (const record of [...records, ...listed].filter((found) => found !== undefined)) {
        const servers = truth.serversOf(reply) ?? [];
        expect(servers.some((server) => isFaithful(record, server))).toBe(true);
      }
    },
  ],
  [
    NO_SECRETS,
    (beliefs) => {
      const text = JSON.stringify(
        Object.values(beliefs).map((outcome) =>
          'listing' in outcome ? [...outcome.listing.servers.values()] : outcome,
        ),
      );
      expect(text).not.toContain(TOKEN);
      // Only the order knows what was secret in it.
      expect(JSON.stringify(beliefs.create)).not.toContain('canary-script-9d03aa');
      for (const outcome of Object.values(beliefs)) {
        if ('retryAfter' in outcome) expect(outcome.retryAfter).toBeLessThanOrEqual(millis(300_000));
        if ('refusal' in outcome) expect(outcome.refusal.message.length).toBeLessThanOrEqual(300);
      }
    },
  ],
];

/** Every operation gets every reply. */
describe('whatever the vendor replies', { timeout: 3_600_000 }, () => {
  test('the client believes what the reply really says, and no more', async () => {
    const counted = { created: 0, refused: 0, present: 0, complete: 0 };
    await fc.assert(
      fc.asyncProperty(oddReplies, oddReplies, async (reply, quota) => {
        const beliefs = await beliefsOf(() => clientOn(reply, quota));
        for (const { kind } of [beliefs.create, beliefs.read, beliefs.list])
          if (kind === 'created' || kind === 'refused' || kind === 'present' || kind === 'complete') counted[kind] += 1;
        for (const [, holds] of VERDICTS) holds(beliefs, reply, quota);
      }),
      runs(10_000),
    );
    // Otherwise the replies are all so odd that nothing is ever believed, and the test proves nothing.
    expect(Math.min(...Object.values(counted))).toBeGreaterThan(100);
  });

  test('the same over real sockets, with bytes that are no text', async () => {
    let next: OddReply & { readonly bytes: Buffer } = { status: 500, headers: {}, body: '', bytes: Buffer.of() };
    let replies = 0;
    const api = await faultyApi(({ response, path }) => {
      const isQuota = path.includes('/quota/');
      response.writeHead(isQuota ? 404 : next.status, next.headers);
      response.end(isQuota ? '' : next.bytes);
    });
    api.setToken(TOKEN);
    const noQuota: OddReply = { status: 404, headers: {}, body: '' };
    await fc.assert(
      fc.asyncProperty(
        oddReplies.filter(({ status }) => !BODILESS.has(status) && !PAUSING.has(status)),
        fc.option(fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 })), { nil: undefined }),
        async (reply, noise) => {
          replies += 1;
          const bytes = withNoise(Buffer.from(reply.body), noise);
          next = { ...reply, bytes, body: bytes.toString('utf8') };
          const beliefs = await beliefsOf(() => api.client);
          // A secret with another byte in it is not that secret.
          const verdicts = noise === undefined ? VERDICTS : VERDICTS.filter(([what]) => what !== NO_SECRETS);
          for (const [, holds] of verdicts) holds(beliefs, next, noQuota);
        },
      ),
      runs(250),
    );
    // Each reply was an answer to six calls at least.
    expect(api.received.length).toBeGreaterThanOrEqual(6 * replies);
    await api.close();
  });
});

/** These have no body, whatever is sent. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);
/** These make the client wait, and here it would be real time. */
const PAUSING: ReadonlySet<number> = new Set([429, 503]);

function withNoise(bytes: Buffer, noise: readonly [number, Uint8Array] | undefined): Buffer {
  if (noise === undefined) return bytes;
  const [at, odd] = noise;
  const cut = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, cut), odd, bytes.subarray(cut)]);
}
