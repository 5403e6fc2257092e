import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { FlexMetalServerSpec } from '../../src/resources/flexmetalserver/schema.ts';
import { API_VERSION } from '../../src/resources/names.ts';
import { invalidOf, nearlyValidOf, validOf } from '../properties/schema/arbitrary.ts';
import { SPEC } from '../properties/schema/crd.ts';
import { judge } from '../properties/schema/judge.ts';
import { fieldsOf, toJsonObject } from '../support/api-server/json.ts';
import type { Json } from '../support/api-server/json.ts';
import { applyCrds, createNamespace } from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';
import { runs } from '../support/runs.ts';

const admin = openRest(inject('kubeconfig'));
let servers = '';

beforeAll(async () => {
  await applyCrds(admin);
  servers = `/apis/${API_VERSION}/namespaces/${await createNamespace(admin, 'random')}/flexmetalservers`;
});
afterAll(() => admin.close());

/** What the real API server would store of it; undefined when it refuses. */
async function stored(spec: Json): Promise<Json | undefined> {
  const body = { apiVersion: API_VERSION, kind: 'FlexMetalServer', metadata: { name: 'try-out' }, spec };
  const reply = await admin.request('POST', `${servers}?dryRun=All&fieldValidation=Strict`, { body });
  if (reply.status === 201) return fieldsOf(toJsonObject(reply.body)['spec']);
  // Anything else would say nothing about the spec.
  expect([400, 422]).toContain(reply.status);
  return undefined;
}

/** Specs made from nothing but the CRD: the real server, the test's own judge of the CRD, and the operator's parser agree about each. */
describe('a real API server', { timeout: 900_000 }, () => {
  test('takes what the CRD allows, and the operator reads what it stores', async () => {
    await fc.assert(
      fc.asyncProperty(validOf(SPEC), async (spec) => {
        const found = await stored(spec);
        expect(judge(spec, SPEC)).toEqual({ kind: 'taken', stored: found });
        expect(FlexMetalServerSpec.safeParse(found).error).toBeUndefined();
      }),
      runs(150),
    );
  });

  test('refuses what the CRD forbids', async () => {
    await fc.assert(
      fc.asyncProperty(invalidOf(SPEC), async (spec) => {
        expect(await stored(spec)).toBeUndefined();
      }),
      runs(150),
    );
  });

  test('draws the edge where the judge of the other tests draws it', async () => {
    await fc.assert(
      fc.asyncProperty(nearlyValidOf(SPEC), async (spec) => {
        const verdict = judge(spec, SPEC);
        expect({ spec, stored: await stored(spec) }).toEqual({
          spec,
          stored: verdict.kind === 'taken' ? verdict.stored : undefined,
        });
      }),
      runs(150),
    );
  });
});
