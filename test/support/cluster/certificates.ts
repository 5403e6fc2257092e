import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate and its private key, both PEM. */
export interface Identity {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Whom a certificate is for. `hosts` makes it a server's. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** DNS names and IPv4 addresses. */
  readonly hosts?: readonly string[];
}

/**
 * A new certificate authority for one control plane. Node can read X.509 but not write it, and openssl is not on every machine;
 * the little DER that is needed (P-256, SHA-256, three extensions; RFC 5280) is written here. For tests and the demo only.
 */
export function createAuthority(commonName: string): Identity {
  const key = newKey();
  return certify({ commonName }, key, { issuer: { commonName }, key, isAuthority: true });
}

/** A certificate signed by the authority: a user's (`commonName` and `organizations` are user and groups to Kubernetes) or a server's. */
export function issue(authority: Identity, authorityName: string, subject: Subject): Identity {
  const key = createPrivateKey(authority.privateKey);
  return certify(subject, newKey(), { issuer: { commonName: authorityName }, key, isAuthority: false });
}

interface Signer {
  readonly issuer: Subject;
  readonly key: KeyObject;
  readonly isAuthority: boolean;
}

const DAY_MS = 86_400_000;
/** A test cluster lives for minutes, a demo for days at most; a clock that is a day behind is tolerated. */
const VALID_FROM_MS = -1 * DAY_MS;
const VALID_UNTIL_MS = 30 * DAY_MS;

function certify(subject: Subject, key: KeyObject, signer: Signer): Identity {
  const now = Date.now();
  const extensions = [
    ...(signer.isAuthority ? [extension('2.5.29.19', true, sequence(TRUE))] : []),
    ...subjectAltNames(subject),
  ];
  const content = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    nameOf(signer.issuer),
    sequence(utcTime(now + VALID_FROM_MS), utcTime(now + VALID_UNTIL_MS)),
    nameOf(subject),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [tagged(3, sequence(...extensions))]),
  );
  const certificate = sequence(content, ECDSA_WITH_SHA256, bitString(sign('sha256', content, signer.key)));
  return {
    certificate: pem('CERTIFICATE', certificate),
    privateKey: key.export({ type: 'sec1', format: 'pem' }).toString(),
  };
}

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

function nameOf(subject: Subject): Buffer {
  const organizations = (subject.organizations ?? []).map((organization) => attribute('2.5.4.10', organization));
  return sequence(...organizations, attribute('2.5.4.3', subject.commonName));
}

const attribute = (type: string, value: string): Buffer =>
  der(0x31, sequence(objectId(type), der(0x0c, Buffer.from(value, 'utf8'))));

function subjectAltNames(subject: Subject): readonly Buffer[] {
  if (subject.hosts === undefined) return [];
  const names = subject.hosts.map((host) =>
    isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host, 'ascii')),
  );
  return [extension('2.5.29.17', false, sequence(...names))];
}

const extension = (type: string, critical: boolean, value: Buffer): Buffer =>
  sequence(objectId(type), ...(critical ? [TRUE] : []), der(0x04, value));

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

/** Two-digit years are read as 1950 to 2049. */
const utcTime = (atMs: number): Buffer =>
  der(0x17, Buffer.from(new Date(atMs).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '') + 'Z', 'ascii'));

const integer = (bytes: Buffer): Buffer => der(0x02, bytes);
const bitString = (bytes: Buffer): Buffer => der(0x03, Buffer.from([0]), bytes);
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const tagged = (number: number, content: Buffer): Buffer => der(0xa0 | number, content);

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

const pem = (label: string, content: Buffer): string =>
  `-----BEGIN ${label}-----\n${content
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n')
    .trimEnd()}\n-----END ${label}-----\n`;

const TRUE = der(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
