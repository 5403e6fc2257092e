import type { ANNOTATION, ConditionType, Reason } from './names.ts';

/** What a condition or a reason means, for the reference in docs. */
export interface Meaning {
  readonly meaning: string;
  /** What a person can do; undefined when there is nothing to do. */
  readonly wayOut?: string;
}

export const CONDITION_MEANINGS = {
  Ready: {
    meaning:
      'True: the server is delivered, has an address, was seen lately, and its tags are as wanted. `kubectl wait --for=condition=Ready` waits for this one.',
  },
  Ordered: { meaning: 'True: one server belongs to this object, and that is certain.' },
  Delivered: { meaning: 'True: the vendor says that the server is delivered.' },
  Synced: { meaning: 'True: the tags are as wanted and the server was seen lately.' },
  Reconciling: {
    meaning: 'True: work is under way or waited for, and ends without a person. Absent or False otherwise.',
  },
  Stalled: { meaning: 'True: only a person or a new spec helps; the message says how. Absent or False otherwise.' },
} as const satisfies Record<ConditionType, Meaning>;

export const REASON_MEANINGS = {
  Pending: {
    meaning: 'The operator has not looked at the object yet, or waits for its turn.',
    wayOut: 'If it stays: see that the operator runs, leads, and watches this namespace.',
  },
  Ordering: { meaning: 'The order is being written down or sent.' },
  OrderUnclear: {
    meaning:
      'An order had no clear answer, so a server may exist. It settles by itself: found in a listing, or proven absent.',
    wayOut:
      'Wait. When the message says that the ledger cannot be read, restore it from a backup or remove the broken copy.',
  },
  Ordered: { meaning: 'One server belongs to this object.' },
  Provisioning: { meaning: 'The vendor is delivering the server; 15 to 45 minutes are usual.' },
  Slow: {
    meaning:
      'The delivery takes longer than spec.provisioningTimeout. Nothing is ordered again; a late delivery is still taken.',
    wayOut: 'Ask the vendor about the server, raise provisioningTimeout, or delete the object.',
  },
  AddressesPending: { meaning: 'The server is delivered, but the vendor shows no address of it yet.' },
  Delivered: { meaning: 'The vendor says that the server is delivered.' },
  Ready: { meaning: 'The server can be used.' },
  Synced: { meaning: 'Tags and observation are up to date.' },
  TagsPending: {
    meaning: 'Tags are still to be put on the server or taken off it; a refusal of the vendor is in the message.',
    wayOut: 'Correct a refused tag in spec.tags.',
  },
  ProvisioningFailed: {
    meaning:
      'The vendor gave up the delivery. A failed server cannot be released at this vendor, and nothing is ordered in its place by itself.',
    wayOut: 'Annotate `resolve: reorder=<attempt>` for a new one, or delete the object.',
  },
  Lost: {
    meaning: 'The server is gone without the doing of this operator. Nothing is ordered in its place by itself.',
    wayOut: 'Annotate `resolve: reorder=<attempt>` for a new one, or delete the object.',
  },
  Releasing: {
    meaning: 'The object is being deleted and its server released. The object goes when no server of it is left.',
  },
  ReleaseStuck: {
    meaning: 'The release was asked for long ago, and the server is still there.',
    wayOut:
      'Ask the vendor about the server. To let the object go although it may live on: annotate `force-forget: <uuid>`.',
  },
  Protected: {
    meaning: 'The object is being deleted, and spec.deletionProtection keeps its server.',
    wayOut: 'Set deletionProtection to false to let the deletion go on.',
  },
  Paused: {
    meaning: 'The annotation `paused` is set: nothing is ordered, changed or released for this object.',
    wayOut: 'Remove the annotation.',
  },
  ObserveMode: {
    meaning: 'The operator only observes: it would order, change or release something and does not.',
    wayOut: 'Run the operator with mode normal.',
  },
  CredentialsInvalid: {
    meaning:
      'The API does not accept the token, or the token cannot be read. No belief about any server changes by that.',
    wayOut:
      'Check the token, its expiry date and its list of allowed addresses. A new token is taken up without a restart.',
  },
  CapacityLimited: {
    meaning: 'The vendor cannot take the order at the moment (its error code 90001). It is tried again.',
    wayOut: 'Wait, or choose another location or instance type.',
  },
  QuotaExceeded: {
    meaning: 'The quota or the committed capacity is used up. It is tried again.',
    wayOut: 'Ask the vendor for more, release servers, allow overflow, or choose another location or instance type.',
  },
  BrakeEngaged: {
    meaning: "One of the operator's own limits (servers, orders per hour) is reached; the numbers are in the message.",
    wayOut: 'Delete objects that are not needed, or raise the limit.',
  },
  OrderRefused: {
    meaning: 'The vendor refused the order and named a cause. There is no server.',
    wayOut: 'Correct the spec, which may be changed as long as every order was refused.',
  },
  InputsMissing: {
    meaning: 'A Secret or ConfigMap that the spec names, or a key in it, is missing or not usable.',
    wayOut: 'Create or correct it; it is looked for again.',
  },
  InvalidSpec: {
    meaning:
      "The spec cannot be used. The API server refuses such a spec when the installed CRD is that of the operator's version.",
    wayOut: 'Install the CRD of this version, and correct the spec.',
  },
  DuplicateServers: {
    meaning: "More than one live server carries this object's tags. None is released by itself.",
    wayOut: 'Annotate `resolve: release=<uuid>`, `forget=<uuid>` or `adopt=<uuid>`, as the message says.',
  },
  PreviousServerExists: {
    meaning: 'A former object of the same name left a live server behind, so nothing is ordered.',
    wayOut: 'Annotate `resolve: adopt=<uuid>` to take it over, or `forget=<uuid>` to leave it alone and order another.',
  },
  SuspectServer: {
    meaning: "After an unclear order there is a server that looks like its result but carries nobody's tags.",
    wayOut: "Annotate `resolve: adopt=<uuid>` if it is this object's, else `reorder=<attempt>`.",
  },
  OwnershipUnproven: {
    meaning: "It cannot be proven that the server is this object's, so it is neither changed nor released.",
    wayOut: 'Correct the tags at the vendor, or answer with the annotation `resolve` as the message says.',
  },
  AccountChanged: {
    meaning: 'The order was made with another token or API address. Not seeing its server proves nothing then.',
    wayOut: 'Go back to the former account, or answer with the annotation `resolve` as the message says.',
  },
  Forgotten: {
    meaning: "A person told the operator to forget this object's server or order.",
    wayOut: 'Annotate `resolve: reorder=<attempt>` for a new server, or delete the object.',
  },
  AnswerRefused: {
    meaning: 'The annotation `resolve` holds an answer that does not fit the situation; the message says why.',
    wayOut: 'Correct or remove the annotation.',
  },
  ListingIncomplete: {
    meaning: 'The list of servers could not be read to its end, so it proves no absence.',
    wayOut: 'When the message names the page limit, raise it.',
  },
  ApiUnavailable: {
    meaning:
      'The API of the vendor does not answer usefully. It is tried again, and no belief about any server changes.',
  },
  ObservationStale: { meaning: 'The server was not seen lately, or not in the last listings.' },
  Progressing: { meaning: 'Work is under way.' },
  AsExpected: { meaning: 'There is nothing to report.' },
} as const satisfies Record<Reason, Meaning>;

export const ANNOTATION_MEANINGS = {
  paused: 'For people. `"true"`: nothing is ordered, changed or released for this object; it is still observed.',
  reconcileRequestedAt: 'For people. Any new value makes the operator look at the object now.',
  resolve:
    'For people. Answers a block: `reorder=<attempt>`, `adopt=<uuid>`, `release=<uuid>` or `forget=<attempt or uuid>`. Each answer names its question, so one that stays in Git answers nothing twice.',
  forceForget:
    'For people. `<uuid or attempt>` on an object that is being deleted: let it go although its server may live on and cost money.',
  order:
    'For the operator. Its order ledger, the same as status.order: survives a backup that drops the status. Not for editing.',
} as const satisfies Record<keyof typeof ANNOTATION, string>;
