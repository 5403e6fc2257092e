import { parseServerUuid } from '../../../src/base/ids.ts';
import type { ServerUuid } from '../../../src/base/ids.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { OrderRequest } from '../../../src/core/model/order-request.ts';
import type { HttpResult } from '../../../src/flexmetal/transport.ts';

export function uuidOf(text: string): ServerUuid {
  const uuid = parseServerUuid(text);
  if (uuid === undefined) throw new Error(`${text} is no uuid`);
  return uuid;
}

/** A different uuid for each number. */
export const numbered = (number: number): ServerUuid =>
  uuidOf(`019256ab-1554-7000-8000-${number.toString(16).padStart(12, '0')}`);

export const UUID = numbered(1);

/** One server as the vendor writes it. */
export const aServer = (overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  uuid: UUID,
  name: 'web-1',
  status: 'delivered',
  statusMessage: 'OK',
  location: { id: 18, name: 'EU: Rotterdam' },
  instanceType: { id: 128, name: 'bm7.std.8' },
  os: { slug: 'ubuntu-2404-lts' },
  ipAddresses: [{ ipAddress: '192.0.2.10' }],
  tags: ['flexmetal-operator:v1'],
  createdAt: 1_728_030_905,
  deliveredAt: 1_728_031_748,
  releasedAt: null,
  contractId: '',
  ...overrides,
});

/** The API's own error body. */
export const anError = (overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  errorCode: 20_002,
  errorMessage: 'invalid value, ',
  errors: [{ property: 'location', message: 'does not exist' }],
  ...overrides,
});

export const aReply = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Extract<HttpResult, { kind: 'reply' }> => ({
  kind: 'reply',
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

export const anOrder = (overrides: Partial<OrderRequest> = {}): OrderRequest => ({
  name: 'web-1',
  location: 'EU: Rotterdam',
  instanceType: 'bm7.std.8',
  os: { slug: 'ubuntu-2404-lts', kernelParams: [], partitions: [], ipxeScriptUrl: undefined },
  sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx8 someone@example.com'],
  postInstallScript: undefined,
  tags: ['flexmetal-operator:v1'],
  contractId: undefined,
  overflow: false,
  ...overrides,
});

export const A_SCRIPT = new Secret('#!/bin/bash\nexport DB_PASSWORD=hunter2-hunter2\n');
