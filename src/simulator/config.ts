import * as z from 'zod';
import { Catalogue, DEFAULT_CATALOGUE, findLocation, findTypeAt } from './catalogue.ts';
import { Duration } from './duration.ts';
import { FaultRule } from './faults.ts';

/** The account of a world that names none. */
const DEFAULT_ACCOUNT = 'default';
/** Good for tests and rehearsals without a token file: whoever runs the simulator for others sets tokens. */
export const DEFAULT_TOKEN = 'simulator-token';

/** A count that belongs to a type at a location. */
const Place = { location: z.string().min(1), instanceType: z.string().min(1) };

const Token = z.strictObject({
  token: z.string().min(1),
  account: z.string().min(1).default(DEFAULT_ACCOUNT),
  /** Counted from the start of the world; from then on the token is answered with 403. */
  expiresAfter: Duration.optional(),
});

/**
 * What the vendor's documents leave open. Each has at least two answers, so that a client can be tried with both.
 * The defaults are the likelier ones.
 */
const Manners = z.strictObject({
  /** The reply to an order: a list of one, as all other replies are, or the bare object of the vendor's OpenAPI file. */
  createReply: z.enum(['array', 'object']).default('array'),
  /** No machine in stock: the order is refused with 422, or taken and failed later. */
  outOfStock: z.enum(['refuse', 'fail']).default('refuse'),
  /** Systems that need an ssh key: all but Windows, Talos and custom iPXE, or none. */
  sshKeyNeeded: z.enum(['bySystem', 'never']).default('bySystem'),
  /** The reply to a release: 200 with the server, or 204. */
  releaseReply: z.enum(['server', 'noContent']).default('server'),
  /** Release of a server that is not delivered yet: taken, or refused with 422 "in transition". */
  releaseEarly: z.enum(['accept', 'refuse']).default('accept'),
  /** Release of a server that is releasing or released: taken again, 404, or 409. */
  releaseAgain: z.enum(['accept', 'notFound', 'conflict']).default('accept'),
  /** Release of a failed server. It stays failed in both cases. */
  releaseFailed: z.enum(['accept', 'refuse']).default('accept'),
  /** A tag that the server has already, and one that it has not. */
  tagTwice: z.enum(['accept', 'conflict', 'refuse']).default('accept'),
  untagMissing: z.enum(['accept', 'notFound']).default('accept'),
  /** Tag changes on servers that are failed, releasing or released. */
  tagsAfterEnd: z.enum(['accept', 'refuse']).default('accept'),
  /** Whether renaming and deleting a tag of the account changes the servers that carry it. */
  accountTagsReachServers: z.boolean().default(true),
  /** Times that are not set. */
  unsetTimes: z.enum(['null', 'zero', 'missing']).default('null'),
  /** The message of a server that is well. */
  quietMessage: z.enum(['OK', 'empty', 'null']).default('OK'),
  /** Ten statuses on the way to delivered, or only `created`. */
  deliverySteps: z.enum(['all', 'few']).default('all'),
  /** Addresses with a prefix length. */
  addressPrefix: z.boolean().default(false),
  /** Names come back in lower case with single blanks. */
  normaliseNames: z.boolean().default(false),
  /** Whether the unfiltered list holds failed and released servers. */
  listHoldsEnded: z.boolean().default(true),
  listOrder: z.enum(['oldestFirst', 'newestFirst']).default('oldestFirst'),
  /** More results are never given at once. */
  pageMax: z.int().positive().default(100),
  /** Released and failed servers vanish (404) after so long; left out: never. */
  endedVanishAfter: Duration.optional(),
  /** The tags of an order show so much later than the server. */
  orderTagsAfter: Duration.prefault('0'),
});

/** A whole world, as a scenario file describes it. Everything has a default. */
export const WorldConfig = z
  .strictObject({
    /** Same seed, same requests at the same times: same world. */
    seed: z.int().nonnegative().default(1),
    catalogue: Catalogue.default(DEFAULT_CATALOGUE),
    tokens: z
      .array(Token)
      .min(1)
      .default([{ token: DEFAULT_TOKEN, account: DEFAULT_ACCOUNT }]),
    /** Deliveries and releases run so many times faster. */
    timeScale: z.number().positive().default(1),
    /** From order to delivered, before the time scale. 843 s is the vendor's example. */
    delivery: z
      .strictObject({ takes: Duration.prefault('843s'), jitter: z.number().min(0).lt(1).default(0) })
      .prefault({}),
    release: z
      .strictObject({ takes: Duration.prefault('5s'), jitter: z.number().min(0).lt(1).default(0) })
      .prefault({}),
    /** An ordered server shows only so much later: in lists, or when asked for by uuid as well. Not stretched by the time scale. */
    visibility: z
      .strictObject({ lag: Duration.prefault('0'), appliesTo: z.enum(['lists', 'everything']).default('lists') })
      .prefault({}),
    /** The vendor's clock is so much ahead of ours. */
    clock: z.strictObject({ ahead: Duration.optional(), behind: Duration.optional() }).prefault({}),
    /** Machines that exist. A type that is not named has `defaultStock`. */
    stock: z.array(z.strictObject({ ...Place, count: z.int().nonnegative() })).default([]),
    defaultStock: z.int().nonnegative().default(1_000_000),
    /** On-demand servers that an account may hold. A type that is not named has `defaultQuota`. */
    quotas: z
      .array(z.strictObject({ account: z.string().default(DEFAULT_ACCOUNT), ...Place, quota: z.int().nonnegative() }))
      .default([]),
    defaultQuota: z.int().nonnegative().default(1_000_000),
    /** Committed capacity. */
    contracts: z
      .array(
        z.strictObject({
          account: z.string().default(DEFAULT_ACCOUNT),
          contractId: z.string().regex(/^[A-Z0-9_\-.]{1,240}$/),
          ...Place,
          capacity: z.int().positive(),
        }),
      )
      .default([]),
    /** Servers that an account has from the start, ordered a day before: somebody else's, or left over. */
    servers: z
      .array(
        z.strictObject({
          account: z.string().default(DEFAULT_ACCOUNT),
          name: z.string().min(1),
          ...Place,
          tags: z.array(z.string()).default([]),
        }),
      )
      .default([]),
    manners: Manners.prefault({}),
    faults: z.array(FaultRule).default([]),
  })
  .superRefine((config, context) => {
    for (const list of ['stock', 'quotas', 'contracts', 'servers'] as const) {
      for (const [at, place] of config[list].entries()) {
        const location = findLocation(config.catalogue, place.location);
        if (location === undefined) {
          context.addIssue({
            code: 'custom',
            path: [list, at, 'location'],
            message: `the catalogue has no location "${place.location}"`,
          });
        } else if (findTypeAt(config.catalogue, location, place.instanceType) === undefined) {
          context.addIssue({
            code: 'custom',
            path: [list, at, 'instanceType'],
            message: `"${place.instanceType}" is not offered at ${location.name}`,
          });
        }
      }
    }
    if (config.clock.ahead !== undefined && config.clock.behind !== undefined) {
      context.addIssue({ code: 'custom', path: ['clock'], message: 'give ahead or behind, not both' });
    }
  });

export type WorldConfig = z.infer<typeof WorldConfig>;
export type WorldConfigInput = z.input<typeof WorldConfig>;
