import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { FlexMetalServerSpec } from '../../src/resources/flexmetalserver/schema.ts';
import { API_VERSION } from '../../src/resources/names.ts';
import { applyCrds, createNamespace } from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';

const admin = openRest(inject('kubeconfig'));
let servers = '';

beforeAll(async () => {
  await applyCrds(admin);
  servers = `/apis/${API_VERSION}/namespaces/${await createNamespace(admin, 'crd')}/flexmetalservers`;
});
afterAll(() => admin.close());

/** Texts near the edges of what the patterns and rules take: the right shape, then one odd character or none. */
const textLike = (...shapes: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(...shapes),
      fc.constantFrom('', '', '', ' ', '\n', '\t', '\u00a0', '\u{1F600}', '-', '.', '=', '"', '\\', '/', 'É', '\u2028'),
      fc.nat(),
    )
    .map(([shape, odd, at]) => {
      const cut = at % (shape.length + 1);
      return shape.slice(0, cut) + odd + shape.slice(cut);
    });

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(fields);

const reference = record({ name: textLike('keys', 'a.b', 'x'.repeat(253)), key: textLike('id', 'id_ed25519.pub') });
const sources = { secretKeyRef: maybe(reference), configMapKeyRef: maybe(reference) };

const specs = record({
  name: maybe(textLike('web-1', 'host.example.com', 'a_b', 'x'.repeat(253))),
  location: textLike('EU: Rotterdam', 'a', 'é'.repeat(127)),
  instanceType: textLike('bm7.std.8'),
  os: record({
    slug: textLike('ubuntu-2404-lts', 'custom-ipxe'),
    ipxeScriptUrl: maybe(textLike('https://example.org/a?b=c', 'http://example.org')),
    kernelParams: maybe(
      fc.array(
        record({
          key: textLike('console', 'a.b-c'),
          value: maybe(textLike('ttyS0', '', 'a=b c')),
          valueFrom: maybe(record(sources)),
        }),
        { maxLength: 2 },
      ),
    ),
    partitions: maybe(
      fc.array(
        record({
          target: fc.oneof(textLike('/data', '/var/lib'), fc.constantFrom('/', '/boot', '/srv')),
          filesystem: fc.constantFrom('ext4', 'xfs', 'btrfs'),
          sizeMB: maybe(fc.constantFrom(0, 1, 4096, 1_000_000_000, 1_000_000_001)),
          grow: maybe(fc.boolean()),
        }),
        { maxLength: 3 },
      ),
    ),
  }),
  sshKeys: maybe(
    fc.array(
      record({
        publicKey: maybe(textLike('ssh-ed25519 AAAA+/= me', 'ssh-rsa AAAA==', '-----BEGIN PRIVATE KEY-----')),
        uuid: maybe(textLike('7561c39d-f4df-4c46-b3f1-2ac981271e29')),
        ...sources,
      }),
      { maxLength: 2 },
    ),
  ),
  postInstallScript: maybe(record({ inline: maybe(textLike('#!/bin/sh\ntrue\n', '')), ...sources })),
  tags: maybe(fc.array(textLike('web', 'a:b', 'FLEXMETAL-x', 'flexmetal-uid:1', 'x'.repeat(64)), { maxLength: 3 })),
  contractId: maybe(textLike('', 'C-1', 'X'.repeat(240))),
  provisioningTimeout: maybe(
    fc.oneof(textLike('45m', '1h30m', '5m', '24h'), fc.stringMatching(/^([0-9]{1,3}h)?([0-9]{1,4}m)?([0-9]{1,5}s)?$/)),
  ),
  deletionPolicy: maybe(fc.constantFrom('Release', 'Retain', 'release')),
});

/** One field of a valid spec is exchanged, so that most specs are refused for one reason and many are taken. */
const nearlyValid = specs.chain((odd) =>
  fc.constantFrom(...Object.keys(odd)).map((field) => ({
    location: 'EU: Rotterdam',
    instanceType: 'bm7.std.8',
    os: { slug: 'ubuntu-2404-lts' },
    ...Object.fromEntries(Object.entries(odd).filter(([name]) => name === field)),
  })),
);

test('the API server and our parser take the same specs', async () => {
  let taken = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(nearlyValid, async (spec) => {
      const body = { apiVersion: API_VERSION, kind: 'FlexMetalServer', metadata: { name: 'try-out' }, spec };
      const reply = await admin.request('POST', `${servers}?dryRun=All`, { body });
      const server = reply.status === 201;
      if (server) taken += 1;
      else refused += 1;
      // As the API server read it: JSON has no undefined.
      const parser = FlexMetalServerSpec.safeParse(JSON.parse(JSON.stringify(spec))).success;
      expect({ server, parser }).toEqual({ server: parser, parser });
    }),
    { numRuns: 1_500, seed: 20_261_124 },
  );
  // Otherwise the generator tests nothing.
  expect(Math.min(taken, refused)).toBeGreaterThan(200);
});
