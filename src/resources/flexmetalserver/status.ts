import * as z from 'zod';
import { atomicList, text, textSet, time } from '../schema/building-blocks.ts';
import { BOUNDS } from './bounds.ts';

export const Condition = z.object({
  type: text({ min: 1, max: BOUNDS.conditionType, pattern: /^[A-Za-z][A-Za-z0-9]*$/ }).describe(
    'Which condition this is.',
  ),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds: True, False or Unknown.'),
  reason: text({ min: 1, max: BOUNDS.reason, pattern: /^[A-Za-z][A-Za-z0-9]*$/ }).describe(
    'One word that says why, from a closed list that docs/api-reference.md explains.',
  ),
  message: text({ max: BOUNDS.message }).describe('What is the case in a sentence; when something blocks, what to do.'),
  lastTransitionTime: time().describe('When status last changed.'),
  observedGeneration: z
    .int()
    .min(0)
    .optional()
    .describe('metadata.generation of the spec that this condition is about.'),
});
export type Condition = z.infer<typeof Condition>;

/** The time of the conditions that the CRD gives a new object: nobody has looked at it yet. */
export const NOT_SEEN_AT = '1970-01-01T00:00:00Z';

const uuid = (): z.ZodString => text({ max: 36, pattern: /^[0-9a-fA-F-]+$/ });
const INT32_MAX = 2_147_483_647;
const word = (): z.ZodString => text({ min: 1, max: 32, pattern: /^[a-z][A-Za-z]*$/ });

/** One ledger entry: status.order holds it, and the annotation `order` holds the same as JSON. Written before money is spent. */
export const LedgerEntry = z.object({
  objectUid: text({ min: 1, max: BOUNDS.objectUid }).describe(
    'metadata.uid of the object that the entry was written for. An entry with another uid was copied here and counts as history.',
  ),
  attempt: text({ max: BOUNDS.attempt, pattern: /^[0-9a-f]{16}$/ }).describe(
    'Id of the newest attempt to order. The server carries it in a tag.',
  ),
  attempts: z.int().min(0).max(INT32_MAX).describe('How many attempts there were, this one included.'),
  revision: z
    .int()
    .min(0)
    .max(INT32_MAX)
    .describe('Counts the writes of this entry: of its two copies, the one with the higher number is the newer.'),
  specHash: text({ max: BOUNDS.specHash }).describe('Hash of everything in spec that the order depends on.'),
  requestedAt: time().describe('When the attempt was written down, which is before it was sent.'),
  holder: text({ max: BOUNDS.holder }).describe('The operator process that wrote it.'),
  account: z
    .object({
      baseUrl: text({ max: BOUNDS.url }).describe('Address of the API that the order went to.'),
      tokenFingerprint: text({ max: BOUNDS.tokenFingerprint }).describe(
        'Salted hash of the token that the order was sent with. The token cannot be learned from it.',
      ),
    })
    .describe('The account that pays. While it is another one than the operator uses now, nothing is ordered.'),
  outcome: word().describe(
    'What came of the attempt: open (not known yet), created, refused, withdrawn (never sent), absent (proven that no server came of it), lost or forgotten.',
  ),
  refusal: z
    .object({
      class: word().describe('What kind of refusal it was, decided by codes.'),
      message: text({ max: BOUNDS.refusalMessage }).describe('The words of the vendor.'),
    })
    .optional()
    .describe('Why the order was refused; set with the outcome refused.'),
  settledAt: time().optional().describe('When the outcome became known.'),
  serverUuid: uuid().optional().describe('The server that the attempt led to.'),
  proof: word()
    .optional()
    .describe(
      'How the server was learned: reply (to the order), settled (after an unclear order), found (by its tags) or adopted (by a person).',
    ),
  everUnclear: z
    .boolean()
    .optional()
    .describe(
      'True once an attempt for this object had no clear answer. Its deletion then needs a complete list of all servers.',
    ),
  releases: atomicList(uuid(), BOUNDS.releases)
    .optional()
    .describe('Servers that a person allowed to be released by the annotation resolve: release=<uuid>.'),
  forgotten: atomicList(uuid(), BOUNDS.releases)
    .optional()
    .describe('Servers that a person told the operator to leave alone by the annotation resolve: forget=<uuid>.'),
  answered: atomicList(text({ max: BOUNDS.answer }), BOUNDS.answered)
    .optional()
    .describe(
      'Answers in the annotation resolve that were acted on already, newest last. They are not acted on again.',
    ),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;

/** What the operator writes. */
export const FlexMetalServerStatus = z
  .object({
    observedGeneration: z
      .int()
      .min(0)
      .optional()
      .describe('metadata.generation of the spec that this status is about.'),
    phase: text({ max: BOUNDS.phase }).optional().describe('One word for people. Programs read conditions.'),
    conditions: z
      .array(Condition)
      .max(BOUNDS.conditions)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
      .optional()
      .describe(
        'Ready: the server is delivered and as wanted. Ordered: one server belongs to this object. Delivered: the vendor says so. Synced: tags and observation are up to date. Reconciling: work is under way. Stalled: a person must act.',
      ),
    serverUuid: uuid().optional().describe('UUID of the server at the vendor.'),
    providerID: text({ max: BOUNDS.providerId })
      .optional()
      .describe("What spec.providerID of the server's Node is to be: flexmetal:// and the uid of this object."),
    deliveryStatus: text({ max: BOUNDS.deliveryStatus })
      .optional()
      .describe(
        "The status of the server in the vendor's own word, for instance created, provisioning or delivered. New words may come.",
      ),
    statusMessage: text({ max: BOUNDS.statusMessage }).optional().describe('What the vendor says about that status.'),
    addresses: atomicList(
      z.object({
        type: z
          .enum(['InternalIP', 'ExternalIP'])
          .describe('Whether the address is public (ExternalIP) or not (InternalIP).'),
        address: text({ min: 1, max: BOUNDS.address }).describe('IPv4 or IPv6 address without a prefix length.'),
      }),
      BOUNDS.addresses,
    )
      .optional()
      .describe('Addresses of the server, in the form that a Node has them.'),
    order: LedgerEntry.optional().describe(
      'The order ledger: written before an order is sent, so that no crash orders twice. The annotation flexmetal.i3d.net/order holds the same. Not for editing.',
    ),
    timeline: atomicList(
      z.object({
        step: text({ min: 1, max: BOUNDS.timelineStep }).describe(
          "What was reached: the vendor's word, or one of the operator's.",
        ),
        at: time().describe('When the operator first saw it.'),
      }),
      BOUNDS.timeline,
    )
      .optional()
      .describe(`The way of the server so far, the newest ${BOUNDS.timeline} steps, oldest first.`),
    placement: z
      .object({
        location: text({ max: BOUNDS.vendorName }).optional().describe('Where the server stands.'),
        instanceType: text({ max: BOUNDS.vendorName }).optional().describe('What kind of machine it is.'),
        contractId: text({ max: BOUNDS.contractId })
          .optional()
          .describe('The contract it runs on; absent when on demand.'),
      })
      .optional()
      .describe('What was really got, by the words of the vendor.'),
    appliedTags: textSet(text({ min: 1, max: BOUNDS.tag }), BOUNDS.tags)
      .optional()
      .describe('Tags that the operator put on the server. Only these are ever taken off again.'),
    lastObservedTime: time()
      .optional()
      .describe(
        'When the server was last seen, as of the last change of this status. An unchanged server is not written again.',
      ),
  })
  .describe('What the operator knows of the server. Written by the operator only.');
export type FlexMetalServerStatus = z.infer<typeof FlexMetalServerStatus>;
