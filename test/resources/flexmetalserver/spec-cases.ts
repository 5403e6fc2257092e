/** Specs that are refused, each with its good neighbour. Our parser and a real API server must both say so, with the same message. */
export interface SpecCase {
  readonly name: string;
  readonly bad: object;
  readonly good: object;
  /** Where the problem is, as the API server writes it. */
  readonly at: string;
  readonly message: string;
}

export const MINIMAL_SPEC = { location: 'EU: Rotterdam', instanceType: 'bm7.std.8', os: { slug: 'ubuntu-2404-lts' } };

const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake jane@example.com';
const reference = { name: 'keys', key: 'id' };

const os = (fields: object): object => ({ ...MINIMAL_SPEC, os: { slug: 'ubuntu-2404-lts', ...fields } });
const withSpec = (fields: object): object => ({ ...MINIMAL_SPEC, ...fields });
const sshKey = (key: object): object => withSpec({ sshKeys: [key] });
const kernelParam = (param: object): object => os({ kernelParams: [{ key: 'console', ...param }] });
const partitions = (...list: readonly object[]): object =>
  os({ partitions: list.map((fields, index) => ({ target: `/data${index}`, filesystem: 'ext4', ...fields })) });

const ONE_SSH_KEY = 'set exactly one of publicKey, uuid, secretKeyRef and configMapKeyRef for each ssh key';
const ONE_SCRIPT = 'set exactly one of inline, secretKeyRef and configMapKeyRef in postInstallScript';
const ONE_VALUE = 'set exactly one of value and valueFrom for each kernel parameter';
const ONE_SOURCE = 'set exactly one of secretKeyRef and configMapKeyRef in valueFrom';
const SIZE_OR_GROW = 'set either sizeMB, or grow: true for the rest of the disk, for each partition';
const PRIVATE_KEY =
  'this is a private key: put the public key here (the file that ends in .pub), and replace the private key, for it has been shown to this cluster';
const ONE_LINE = 'give the public key on one line as OpenSSH writes it, for instance: ssh-ed25519 AAAA… comment';
const OUR_TAG = 'choose a tag that does not begin with flexmetal-: by such tags the operator knows its servers';
const HTTPS = 'give an address that begins with https://, so that nobody between can change what the server boots';
const TIMEOUT = 'give a length of time between 5m and 24h, written like 45m or 1h30m';

/** Refused by a rule, so the message is ours. */
export const RULE_CASES: readonly SpecCase[] = [
  {
    name: 'an ssh key without a source',
    bad: sshKey({}),
    good: sshKey({ uuid: '7561c39d-f4df-4c46-b3f1-2ac981271e29' }),
    at: 'spec.sshKeys[0]',
    message: ONE_SSH_KEY,
  },
  {
    name: 'an ssh key with two sources',
    bad: sshKey({ publicKey: PUBLIC_KEY, secretKeyRef: reference }),
    good: sshKey({ secretKeyRef: reference }),
    at: 'spec.sshKeys[0]',
    message: ONE_SSH_KEY,
  },
  {
    name: 'a private key',
    bad: sshKey({ publicKey: '-----BEGIN OPENSSH PRIVATE KEY-----\nfake\n-----END OPENSSH PRIVATE KEY-----\n' }),
    good: sshKey({ publicKey: PUBLIC_KEY }),
    at: 'spec.sshKeys[0].publicKey',
    message: PRIVATE_KEY,
  },
  {
    name: 'a public key over two lines',
    bad: sshKey({ publicKey: `${PUBLIC_KEY}\n` }),
    good: sshKey({ publicKey: PUBLIC_KEY.replace(' jane@example.com', '') }),
    at: 'spec.sshKeys[0].publicKey',
    message: ONE_LINE,
  },
  {
    name: 'something that is no key at all',
    bad: sshKey({ publicKey: 'id_ed25519.pub' }),
    good: sshKey({ publicKey: 'ecdsa-sha2-nistp256 AAAA== a comment with blanks' }),
    at: 'spec.sshKeys[0].publicKey',
    message: ONE_LINE,
  },
  {
    name: 'a post-install script without a source',
    bad: withSpec({ postInstallScript: {} }),
    good: withSpec({ postInstallScript: { inline: '#!/bin/sh\ntrue\n' } }),
    at: 'spec.postInstallScript',
    message: ONE_SCRIPT,
  },
  {
    name: 'a post-install script with two sources',
    bad: withSpec({ postInstallScript: { inline: 'true', configMapKeyRef: reference } }),
    good: withSpec({ postInstallScript: { configMapKeyRef: reference } }),
    at: 'spec.postInstallScript',
    message: ONE_SCRIPT,
  },
  {
    name: 'a kernel parameter without a value',
    bad: kernelParam({}),
    good: kernelParam({ value: '' }),
    at: 'spec.os.kernelParams[0]',
    message: ONE_VALUE,
  },
  {
    name: 'a kernel parameter with a value and a source',
    bad: kernelParam({ value: 'ttyS0', valueFrom: { secretKeyRef: reference } }),
    good: kernelParam({ valueFrom: { secretKeyRef: reference } }),
    at: 'spec.os.kernelParams[0]',
    message: ONE_VALUE,
  },
  {
    name: 'a value from nowhere',
    bad: kernelParam({ valueFrom: {} }),
    good: kernelParam({ valueFrom: { configMapKeyRef: reference } }),
    at: 'spec.os.kernelParams[0].valueFrom',
    message: ONE_SOURCE,
  },
  {
    name: 'a value from two places',
    bad: kernelParam({ valueFrom: { secretKeyRef: reference, configMapKeyRef: reference } }),
    good: kernelParam({ valueFrom: { secretKeyRef: reference } }),
    at: 'spec.os.kernelParams[0].valueFrom',
    message: ONE_SOURCE,
  },
  {
    name: 'a partition without a size',
    bad: partitions({}),
    good: partitions({ sizeMB: 4096 }),
    at: 'spec.os.partitions[0]',
    message: SIZE_OR_GROW,
  },
  {
    name: 'a partition that is not to grow and has no size',
    bad: partitions({ grow: false }),
    good: partitions({ sizeMB: 4096, grow: false }),
    at: 'spec.os.partitions[0]',
    message: SIZE_OR_GROW,
  },
  {
    name: 'a partition with a size that grows',
    bad: partitions({ sizeMB: 4096, grow: true }),
    good: partitions({ grow: true }),
    at: 'spec.os.partitions[0]',
    message: SIZE_OR_GROW,
  },
  {
    name: 'two partitions that grow',
    bad: partitions({ grow: true }, { grow: true }),
    good: partitions({ grow: true }, { sizeMB: 1 }),
    at: 'spec.os.partitions',
    message: 'let one partition at most grow, and give the others a sizeMB',
  },
  {
    name: 'two partitions at one target',
    bad: partitions({ target: '/', sizeMB: 1 }, { target: '/', sizeMB: 2 }),
    good: partitions({ target: '/', sizeMB: 1 }, { target: '/boot', sizeMB: 2 }),
    at: 'spec.os.partitions',
    message: 'use each target for one partition only',
  },
  {
    name: 'custom-ipxe without a script',
    bad: os({ slug: 'custom-ipxe' }),
    good: os({ slug: 'custom-ipxe', ipxeScriptUrl: 'https://example.org/boot.ipxe' }),
    at: 'spec.os',
    message: 'set ipxeScriptUrl, for the slug custom-ipxe boots from it, or choose another slug',
  },
  {
    name: 'a script for another slug',
    bad: os({ ipxeScriptUrl: 'https://example.org/boot.ipxe' }),
    good: os({}),
    at: 'spec.os',
    message: 'remove ipxeScriptUrl, which only the slug custom-ipxe reads, or set slug to custom-ipxe',
  },
  {
    name: 'a script over plain http',
    bad: os({ slug: 'custom-ipxe', ipxeScriptUrl: 'http://example.org/boot.ipxe' }),
    good: os({ slug: 'custom-ipxe', ipxeScriptUrl: 'https://example.org/boot.ipxe?host=a&b=%20' }),
    at: 'spec.os.ipxeScriptUrl',
    message: HTTPS,
  },
  {
    name: 'an address with a blank',
    bad: os({ slug: 'custom-ipxe', ipxeScriptUrl: 'https://example.org/a b' }),
    good: os({ slug: 'custom-ipxe', ipxeScriptUrl: 'https://example.org/a%20b' }),
    at: 'spec.os.ipxeScriptUrl',
    message: HTTPS,
  },
  ...['operator:v1', 'cluster:0123456789ab', 'uid:1', 'attempt:1', 'object:1', 'anything'].map((rest) => ({
    name: `the tag flexmetal-${rest}`,
    bad: withSpec({ tags: ['web', `flexmetal-${rest}`] }),
    good: withSpec({ tags: ['web', `flexmetal_${rest}`] }),
    at: 'spec.tags[1]',
    message: OUR_TAG,
  })),
  {
    name: 'a reserved tag in other letters',
    bad: withSpec({ tags: ['FlexMetal-UID:1'] }),
    good: withSpec({ tags: ['flexmetal', 'my-flexmetal-tag'] }),
    at: 'spec.tags[0]',
    message: OUR_TAG,
  },
  ...['4m', '4m59s', '24h1s', '25h', '45', 'soon', '-45m', '1.5h', '1d', '45 m'].map((timeout) => ({
    name: `a provisioning timeout of "${timeout}"`,
    bad: withSpec({ provisioningTimeout: timeout }),
    good: withSpec({ provisioningTimeout: '1h30m' }),
    at: 'spec.provisioningTimeout',
    message: TIMEOUT,
  })),
  ...['5m', '24h', '300s', '1h0m0s'].map((timeout) => ({
    name: `a provisioning timeout just outside, beside "${timeout}"`,
    bad: withSpec({ provisioningTimeout: '4m59s' }),
    good: withSpec({ provisioningTimeout: timeout }),
    at: 'spec.provisioningTimeout',
    message: TIMEOUT,
  })),
];

/** Refused by a keyword of the schema: the API server words the message. `message` is a part of it. */
export const KEYWORD_CASES: readonly SpecCase[] = [
  ...(['location', 'instanceType', 'os'] as const).map((field) => ({
    name: `no ${field}`,
    bad: Object.fromEntries(Object.entries(MINIMAL_SPEC).filter(([name]) => name !== field)),
    good: MINIMAL_SPEC,
    at: `spec.${field}`,
    message: 'Required value',
  })),
  {
    name: 'no slug',
    bad: withSpec({ os: {} }),
    good: os({}),
    at: 'spec.os.slug',
    message: 'Required value',
  },
  {
    name: 'a slug in capitals',
    bad: os({ slug: 'Ubuntu' }),
    good: os({ slug: 'talos-omni-1123' }),
    at: 'spec.os.slug',
    message: 'should match',
  },
  {
    name: 'a location with a blank at its end',
    bad: withSpec({ location: 'EU: Rotterdam ' }),
    good: withSpec({ location: 'US: Ashburn - VA' }),
    at: 'spec.location',
    message: 'should match',
  },
  {
    name: 'an empty instance type',
    bad: withSpec({ instanceType: '' }),
    good: withSpec({ instanceType: 'bm9.hmm.gpu.4rtx4000.64' }),
    at: 'spec.instanceType',
    message: 'at least 1 chars',
  },
  {
    name: 'a location that is too long',
    bad: withSpec({ location: 'é'.repeat(129) }),
    good: withSpec({ location: '\u{1F600}'.repeat(128) }),
    at: 'spec.location',
    message: 'Too long',
  },
  {
    name: 'an empty provisioning timeout',
    bad: withSpec({ provisioningTimeout: '' }),
    good: withSpec({ provisioningTimeout: '5m' }),
    at: 'spec.provisioningTimeout',
    message: 'at least 1 chars',
  },
  ...['-web', 'web-', 'web server', '_web', ''].map((name) => ({
    name: `the host name "${name}"`,
    bad: withSpec({ name }),
    good: withSpec({ name: 'provision_1_host_0' }),
    at: 'spec.name',
    message: 'Invalid value',
  })),
  ...['host.example.com', 'talosHostName', 'wk-0054', 'TerraFlex-Server', 'a'].map((name) => ({
    name: `a bad host name beside "${name}"`,
    bad: withSpec({ name: `${name}.` }),
    good: withSpec({ name }),
    at: 'spec.name',
    message: 'should match',
  })),
  {
    name: 'a tag with a blank',
    bad: withSpec({ tags: ['two words'] }),
    good: withSpec({ tags: ['two_words:1-a'] }),
    at: 'spec.tags[0]',
    message: 'should match',
  },
  {
    name: 'a tag that is too long',
    bad: withSpec({ tags: ['x'.repeat(65)] }),
    good: withSpec({ tags: ['x'.repeat(64)] }),
    at: 'spec.tags[0]',
    message: 'Too long',
  },
  {
    name: 'the same tag twice',
    bad: withSpec({ tags: ['web', 'web'] }),
    good: withSpec({ tags: ['web', 'Web'] }),
    at: 'spec.tags[1]',
    message: 'Duplicate value',
  },
  {
    name: '56 tags',
    bad: withSpec({ tags: Array.from({ length: 56 }, (_, index) => `tag${index}`) }),
    good: withSpec({ tags: Array.from({ length: 55 }, (_, index) => `tag${index}`) }),
    at: 'spec.tags',
    message: 'must have at most 55 items',
  },
  {
    name: 'a contract in small letters',
    bad: withSpec({ contractId: 'my-contract' }),
    good: withSpec({ contractId: 'MY-CONTRACT_1.2' }),
    at: 'spec.contractId',
    message: 'should match',
  },
  {
    name: 'another file system',
    bad: partitions({ filesystem: 'btrfs', sizeMB: 1 }),
    good: partitions({ filesystem: 'xfs', sizeMB: 1 }),
    at: 'spec.os.partitions[0].filesystem',
    message: 'supported values',
  },
  {
    name: 'a partition of no size',
    bad: partitions({ sizeMB: 0 }),
    good: partitions({ sizeMB: 1 }),
    at: 'spec.os.partitions[0].sizeMB',
    message: 'greater than or equal to 1',
  },
  {
    name: 'a mount point that is no path',
    bad: partitions({ target: 'data', sizeMB: 1 }),
    good: partitions({ target: '/var/lib/data', sizeMB: 1 }),
    at: 'spec.os.partitions[0].target',
    message: 'should match',
  },
  {
    name: 'an equals sign in a parameter name',
    bad: os({ kernelParams: [{ key: 'console=ttyS0', value: '' }] }),
    good: os({
      kernelParams: [
        { key: 'console', value: 'ttyS0' },
        { key: 'console', value: 'tty0' },
      ],
    }),
    at: 'spec.os.kernelParams[0].key',
    message: 'should match',
  },
  {
    name: 'another deletion policy',
    bad: withSpec({ deletionPolicy: 'Delete' }),
    good: withSpec({ deletionPolicy: 'Retain' }),
    at: 'spec.deletionPolicy',
    message: 'supported values: "Release", "Retain"',
  },
  {
    name: 'a reference to no valid name',
    bad: sshKey({ secretKeyRef: { name: 'Keys', key: 'id' } }),
    good: sshKey({ secretKeyRef: { name: 'keys.prod', key: 'id_ed25519.pub' } }),
    at: 'spec.sshKeys[0].secretKeyRef.name',
    message: 'should match',
  },
];
