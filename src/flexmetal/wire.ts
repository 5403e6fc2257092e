import { isIP } from 'node:net';
import * as z from 'zod';
import type { ServerUuid } from '../base/ids.ts';
import { parseServerUuid } from '../base/ids.ts';
import type { Instant } from '../base/time.ts';
import { instant } from '../base/time.ts';
import type { OrderRequest } from '../core/model/order-request.ts';
import type { ServerRecord } from '../core/model/server-record.ts';
import { BOUNDS } from '../resources/flexmetalserver/bounds.ts';
import type { Clean } from './text.ts';
import { MESSAGE_MAX, clean } from './text.ts';

/*
 * The vendor's spelling, and nowhere else. Replies are read tolerantly: unknown fields are ignored, null or missing lists, texts and times
 * are empty, numbers may come as text. Only what decides about ownership and money (uuid, tags) must be readable.
 */

/** One entry of a list of servers. */
export type ServerReading =
  | {
      readonly kind: 'server';
      readonly server: ServerRecord;
      /** False: tags came in a form we do not know, so the server may be ours without showing it. */
      readonly tagsReadable: boolean;
    }
  | { readonly kind: 'unreadable' };

/** The API's own error body: its presence tells the API's word from a proxy's. */
export interface ApiError {
  readonly errorCode: number;
  /** The vendor's words, for people, clipped. Never decided on. */
  readonly message: string;
}

/** Use of one quota: a number of servers of one type at one place, on demand or under one contract. */
export interface QuotaUsage {
  readonly location: string;
  readonly instanceType: string;
  /** `onDemand` or `commit`; an open set. */
  readonly quotaType: string;
  /** Empty: generic. */
  readonly contractId: string;
  readonly quota: number;
  readonly usage: number;
}

/** A body as JSON; undefined when it is empty or none. */
export function parseBody(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body.startsWith('\ufeff') ? body.slice(1) : body);
    return value;
  } catch {
    // JSON.parse throws SyntaxError only: whatever this is, it is not JSON.
    return undefined;
  }
}

/** The items of a reply: the API answers with an array also for one object, its own document says object in one place. */
export function itemsOf(body: unknown): readonly unknown[] | undefined {
  if (Array.isArray(body)) return body;
  return typeof body === 'object' && body !== null ? [body] : undefined;
}

/** Reads one server. Only a uuid that is none makes it unreadable; everything else is best effort. */
export function readServer(value: unknown, cleanText: Clean = clean): ServerReading {
  const parsed = ServerWire.safeParse(value);
  if (!parsed.success) return { kind: 'unreadable' };
  const wire = parsed.data;
  const server: ServerRecord = {
    uuid: wire.uuid,
    name: cleanText(wire.name, BOUNDS.hostName),
    status: cleanText(wire.status, BOUNDS.deliveryStatus),
    statusMessage: cleanText(wire.statusMessage, BOUNDS.statusMessage),
    location: cleanText(wire.location, BOUNDS.vendorName),
    instanceType: cleanText(wire.instanceType, BOUNDS.vendorName),
    osSlug: cleanText(wire.os, BOUNDS.slug),
    addresses: wire.ipAddresses,
    // A tag is an identity: it is never changed, and no token or script fits in one.
    tags: wire.tags.values.map((tag) => clean(tag, BOUNDS.tag)),
    createdAt: wire.createdAt,
    deliveredAt: wire.deliveredAt,
    releasedAt: wire.releasedAt,
    contractId: cleanText(wire.contractId, BOUNDS.contractId),
  };
  return { kind: 'server', server, tagsReadable: wire.tags.readable };
}

/** Reads the API's error body, also when it comes in an array of one; undefined for everything else. */
export function readError(body: unknown, cleanText: Clean = clean): ApiError | undefined {
  const items = itemsOf(body);
  if (items === undefined || items.length !== 1) return undefined;
  const parsed = ErrorWire.safeParse(items[0]);
  if (!parsed.success) return undefined;
  const { errorCode, errorMessage, errors } = parsed.data;
  const parts = [errorMessage.replace(/[,\s]+$/, ''), ...errors].filter((part) => part !== '');
  return { errorCode, message: cleanText(parts.join('; '), MESSAGE_MAX) };
}

/** Reads the use of all quotas; entries that cannot be read are left out, since it only ever serves as a hint. */
export function readQuotas(body: unknown): readonly QuotaUsage[] {
  return (itemsOf(body) ?? []).flatMap((item) => {
    const parsed = QuotaWire.safeParse(item);
    if (!parsed.success) return [];
    return parsed.data.quotaUsage.map((usage) => ({ location: parsed.data.location, ...usage }));
  });
}

/** The body of an order. The one place where an order's secrets are revealed. */
export function orderBody(request: OrderRequest): string {
  const { os } = request;
  return JSON.stringify({
    name: request.name,
    location: request.location,
    instanceType: request.instanceType,
    os: {
      slug: os.slug,
      ...(os.kernelParams.length === 0
        ? {}
        : { kernelParams: os.kernelParams.map(({ key, value }) => ({ key, value: value.reveal() })) }),
      ...(os.partitions.length === 0 ? {} : { partitions: os.partitions.map(partitionOf) }),
      ...(os.ipxeScriptUrl === undefined ? {} : { ipxeScriptUrl: os.ipxeScriptUrl }),
    },
    // Windows and Talos take none, and the vendor's own client leaves it out then.
    ...(request.sshKeys.length === 0 ? {} : { sshKey: request.sshKeys }),
    ...(request.postInstallScript === undefined ? {} : { postInstallScript: request.postInstallScript.reveal() }),
    tags: request.tags,
    ...(request.contractId === undefined || request.contractId === '' ? {} : { contractId: request.contractId }),
    ...(request.overflow ? { overflow: true } : {}),
  });
}

type Partition = OrderRequest['os']['partitions'][number];

const partitionOf = ({ target, filesystem, size }: Partition) => ({
  target,
  filesystem,
  size: size === 'rest' ? -1 : size,
});

/** The vendor takes 60 per server. More than this is no list of tags. */
const TAGS_READ_MAX = 1_000;
/** 9999-12-31: later times do not fit the RFC 3339 form of status. */
const LAST_SECOND = 253_402_300_799;

/** A field that may be missing or hold anything; `read` makes the best of it. */
const loose = <T>(read: (value: unknown) => T) => z.unknown().optional().transform(read);

const text = loose(textOf);
const named = loose((value) => textOf(fieldOf(value, 'name') ?? value));
const time = loose(timeOf);

const ServerWire = z.object({
  uuid: z
    .string()
    .transform(parseServerUuid)
    .refine((uuid): uuid is ServerUuid => uuid !== undefined),
  name: text,
  status: text,
  statusMessage: text,
  location: named,
  instanceType: named,
  os: loose((value) => textOf(fieldOf(value, 'slug') ?? value)),
  ipAddresses: loose(addressesOf),
  tags: loose(tagsOf),
  createdAt: time,
  deliveredAt: time,
  releasedAt: time,
  contractId: text,
});

const integer = z.unknown().transform(numberOf).pipe(z.int());

const ErrorWire = z.object({
  errorCode: integer,
  errorMessage: z.string(),
  errors: loose((value) => (listOf(value) ?? []).slice(0, 10).map(problemOf)),
});

const QuotaWire = z.object({
  location: named,
  quotaUsage: loose((value) =>
    (listOf(value) ?? []).flatMap((item) => {
      const parsed = QuotaUsageWire.safeParse(item);
      return parsed.success ? [parsed.data] : [];
    }),
  ),
});

const QuotaUsageWire = z.object({
  instanceType: named,
  quotaType: text,
  contractId: text,
  quota: integer,
  usage: integer,
});

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}

/** An own field only, whatever its name: `__proto__` in a body gives nothing away. */
function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const field: unknown = Reflect.get(value, name);
  return field;
}

/** PHP writes a list with holes as an object with numbers for keys; null and missing are an empty list. */
function listOf(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object') return undefined;
  const entries = Object.entries(value);
  return entries.every(([key]) => /^\d+$/.test(key)) ? entries.map(([, item]: [string, unknown]) => item) : undefined;
}

interface TagsReading {
  readonly values: readonly string[];
  readonly readable: boolean;
}

function tagsOf(value: unknown): TagsReading {
  const items = listOf(value);
  if (items === undefined) return { values: [], readable: false };
  const values = items.slice(0, TAGS_READ_MAX).filter((item) => typeof item === 'string');
  return { values, readable: values.length === items.length };
}

function addressesOf(value: unknown): readonly string[] {
  return (listOf(value) ?? [])
    .map((item) => textOf(fieldOf(item, 'ipAddress') ?? item).trim())
    .map((address) => address.replace(/\/\d{1,3}$/, ''))
    .filter((address) => isIP(address) !== 0 && address.length <= BOUNDS.address)
    .slice(0, BOUNDS.addresses);
}

/** Unix seconds, as number or text. Unset is null, 0 or missing; what cannot be a time counts as unset. */
function timeOf(value: unknown): Instant | undefined {
  const seconds = numberOf(value);
  if (seconds === undefined || !(seconds > 0 && seconds <= LAST_SECOND)) return undefined;
  return instant(Math.round(seconds * 1_000));
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,6})?$/.test(value.trim()) ? Number(value) : undefined;
}

function problemOf(value: unknown): string {
  const property = textOf(fieldOf(value, 'property'));
  const message = textOf(fieldOf(value, 'message')).replace(/[,\s]+$/, '');
  return property === '' || message === '' ? property + message : `${property}: ${message}`;
}
