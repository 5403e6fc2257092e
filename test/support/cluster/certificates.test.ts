import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { createAuthority, issue } from './certificates.ts';

const authority = createAuthority('tests');
const server = issue(authority, 'tests', { commonName: 'server', hosts: ['127.0.0.1', 'localhost'] });

test('a server certificate is signed by the authority and names its hosts', () => {
  const certificate = new X509Certificate(server.certificate);
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect([
    certificate.checkHost('localhost'),
    certificate.checkIP('127.0.0.1'),
    certificate.checkHost('elsewhere'),
  ]).toEqual(['localhost', '127.0.0.1', undefined]);
  expect(certificate.subject).toBe('CN=server');
  expect(certificate.ca).toBe(false);
  expect(new X509Certificate(authority.certificate).ca).toBe(true);
});

test('user and groups stand in the subject, also when they are long or not ASCII', () => {
  const groups = ['devs', 'ö'.repeat(60)];
  const certificate = new X509Certificate(
    issue(authority, 'tests', { commonName: 'jané', organizations: groups }).certificate,
  );
  expect(certificate.toLegacyObject().subject).toEqual({ O: groups, CN: 'jané' });
});

test('it is valid now, and not for ever', () => {
  const certificate = new X509Certificate(server.certificate);
  expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
  expect(Date.parse(certificate.validTo) - Date.now()).toBeLessThan(60 * 86_400_000);
});

test.each([
  ['of this authority', issue(authority, 'tests', { commonName: 'jane', organizations: ['devs'] }), 'jane'],
  ['of another authority', issue(createAuthority('tests'), 'tests', { commonName: 'eve' }), 'refused'],
])('in a handshake a client certificate %s counts for %o', async (_name, client, expected) => {
  const listener = createServer({
    key: server.privateKey,
    cert: server.certificate,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: false,
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: authority.certificate,
    key: client.privateKey,
    cert: client.certificate,
  });
  const seenByServer = new Promise<string | undefined>((resolve) => {
    listener.once('secureConnection', (seen) => resolve(seen.authorized ? commonNameOf(seen) : 'refused'));
  });
  await once(socket, 'secureConnect');
  expect(socket.authorized).toBe(true);
  expect(await seenByServer).toBe(expected);
  socket.destroy();
  listener.close();
});

const commonNameOf = (socket: TLSSocket): string => String(socket.getPeerCertificate().subject.CN);
