import { describe, expect, test } from 'vitest';
import { readInputs } from '../../../src/controllers/server/inputs.ts';
import type { KubeResult } from '../../../src/kube/transport.ts';
import { ok, status } from '../../kube/support/scripted-transport.ts';
import {
  aLedger,
  aNewSnapshot,
  ATTEMPT,
  aRequest,
  aSnapshot,
  NEXT_ATTEMPT,
  OPEN,
  ourTags,
  withSpec,
} from '../../support/builders.ts';
import { talkingTo } from './support.ts';

const PUBLIC = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ ops@example';
const HIDDEN = 'hunter2-hunter2';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const stored: Readonly<Record<string, unknown>> = {
  '/api/v1/namespaces/games/secrets/keys': {
    data: {
      pub: base64(`${PUBLIC}\n`),
      private: base64(`-----BEGIN OPENSSH PRIVATE KEY-----\n${HIDDEN}`),
      junk: base64(HIDDEN),
    },
  },
  '/api/v1/namespaces/games/secrets/boot': {
    data: { password: base64(`${HIDDEN}\n`), script: base64(`#!/bin/sh\n${HIDDEN}\n`), empty: '' },
  },
  '/api/v1/namespaces/games/configmaps/site': { data: { pub: PUBLIC, console: 'ttyS0' } },
};

async function read(spec: Readonly<Record<string, unknown>>, answer?: KubeResult) {
  const { client, transport } = talkingTo(undefined);
  transport.answer = ({ path }) => {
    const found = stored[path];
    if (answer !== undefined) return answer;
    if (found === undefined) return status(404, 'NotFound');
    return ok({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'games', name: 'x', uid: 'u', resourceVersion: '1' },
      ...found,
    });
  };
  const registered: string[] = [];
  const inputs = await readInputs(client, aNewSnapshot({ spec: withSpec(spec) }), (secret) =>
    registered.push(secret.reveal()),
  );
  return { inputs, registered };
}

const secretKeyRef = (name: string, key: string) => ({ secretKeyRef: { name, key } });

describe('an order is put together', () => {
  test('from the spec alone', async () => {
    const { inputs } = await read({ contractId: '', tags: ['web'], sshKeys: [{ publicKey: ` ${PUBLIC}`.trim() }] });
    expect(inputs).toEqual({
      kind: 'ready',
      request: aRequest({ tags: [...ourTags(NEXT_ATTEMPT), 'web'], sshKeys: [PUBLIC] }),
    });
  });

  test('with the tags of the attempt that is open', async () => {
    const { client } = talkingTo(undefined);
    const inputs = await readInputs(client, aSnapshot({ ledger: aLedger({ outcome: OPEN }) }), () => undefined);
    expect(inputs).toMatchObject({ request: { tags: ourTags(ATTEMPT) } });
  });

  test('from Secrets and ConfigMaps, whose secrets are registered', async () => {
    const { inputs, registered } = await read({
      os: {
        slug: 'ubuntu-2404-lts',
        kernelParams: [
          { key: 'password', valueFrom: secretKeyRef('boot', 'password') },
          { key: 'console', valueFrom: { configMapKeyRef: { name: 'site', key: 'console' } } },
        ],
      },
      sshKeys: [secretKeyRef('keys', 'pub'), { configMapKeyRef: { name: 'site', key: 'pub' } }],
      postInstallScript: secretKeyRef('boot', 'script'),
    });
    if (inputs.kind !== 'ready') throw new Error('something is missing');
    const { os, sshKeys, postInstallScript } = inputs.request;
    expect(os.kernelParams.map(({ key, value }) => [key, value.reveal()])).toEqual([
      ['password', HIDDEN],
      ['console', 'ttyS0'],
    ]);
    expect([sshKeys, postInstallScript?.reveal()]).toEqual([[PUBLIC, PUBLIC], `#!/bin/sh\n${HIDDEN}\n`]);
    expect(registered).toEqual([HIDDEN, `#!/bin/sh\n${HIDDEN}\n`]);
    expect(JSON.stringify(inputs)).not.toContain(HIDDEN);
  });
});

describe('what is missing is named, with what to do, and never what stands there', () => {
  test.each<[string, Readonly<Record<string, unknown>>, KubeResult | undefined, string]>([
    [
      'a Secret that does not exist',
      { postInstallScript: secretKeyRef('none', 'script') },
      undefined,
      'spec.postInstallScript: the Secret games/none does not exist. Create it',
    ],
    [
      'a ConfigMap that does not exist',
      { sshKeys: [{ configMapKeyRef: { name: 'none', key: 'pub' } }] },
      undefined,
      'spec.sshKeys[0]: the ConfigMap games/none does not exist',
    ],
    [
      'a key that is not in it',
      { sshKeys: [secretKeyRef('keys', 'toString')] },
      undefined,
      'spec.sshKeys[0]: the Secret games/keys has no key "toString" with a value',
    ],
    [
      'a key without a value',
      { postInstallScript: secretKeyRef('boot', 'empty') },
      undefined,
      'has no key "empty" with a value',
    ],
    ['a private key', { sshKeys: [secretKeyRef('keys', 'private')] }, undefined, 'this is a private key'],
    [
      'a text that is no key',
      { sshKeys: [secretKeyRef('keys', 'junk')] },
      undefined,
      'give the public key on one line',
    ],
    [
      'a Secret that may not be read',
      { sshKeys: [secretKeyRef('keys', 'pub')] },
      status(403, 'Forbidden'),
      'may not read the Secret games/keys. Allow its service account',
    ],
    [
      'a Secret that cannot be read now',
      { sshKeys: [secretKeyRef('keys', 'pub')] },
      status(401, 'Unauthorized'),
      'cannot be read at the moment (unauthorized). It is tried again.',
    ],
  ])('%s', async (_name, spec, answer, said) => {
    const { inputs } = await read(spec, answer);
    expect(inputs).toEqual({ kind: 'missing', message: expect.stringContaining(said) });
    expect(JSON.stringify(inputs)).not.toContain(HIDDEN);
  });

  test('a spec that cannot be used', async () => {
    const { client } = talkingTo(undefined);
    const snapshot = aNewSnapshot({ spec: { kind: 'invalid', message: 'spec.os: required' } });
    expect(await readInputs(client, snapshot, () => undefined)).toEqual({
      kind: 'missing',
      message: 'spec.os: required',
    });
  });
});
