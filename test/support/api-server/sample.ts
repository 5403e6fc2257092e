import { readFileSync } from 'node:fs';
import path from 'node:path';
import { kindsOfCrds } from './crd-kind.ts';
import type { Kind } from './kind.ts';

/** The YAML of a CRD with one of everything, for both the in-memory and the real API server. */
export const SAMPLE_CRD = readFileSync(path.join(import.meta.dirname, 'sample-crd.yaml'), 'utf8');

export const SAMPLE_KINDS: readonly Kind[] = kindsOfCrds(SAMPLE_CRD);

export const SAMPLES = 'samples.contract.example.com';

export const samplesPath = (namespace: string): string =>
  `/apis/contract.example.com/v1/namespaces/${namespace}/samples`;

/** The smallest sample that the server takes. */
export const aSample = (
  name: string,
  more: { readonly spec?: object; readonly metadata?: object; readonly status?: object } = {},
) => ({
  apiVersion: 'contract.example.com/v1',
  kind: 'Sample',
  metadata: { name, ...more.metadata },
  spec: { place: 'here', ...more.spec },
  ...(more.status === undefined ? {} : { status: more.status }),
});
