import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import * as z from 'zod';
import { API_VERSION } from '../../src/resources/names.ts';
import { parseFlexMetalServer } from '../../src/resources/flexmetalserver/parse.ts';
import { KEYWORD_CASES, RULE_CASES } from '../resources/flexmetalserver/spec-cases.ts';
import { applyCrds, createNamespace } from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';

const admin = openRest(inject('kubeconfig'));
let servers = '';

beforeAll(async () => {
  await applyCrds(admin);
  servers = `/apis/${API_VERSION}/namespaces/${await createNamespace(admin, 'crd')}/flexmetalservers`;
});
afterAll(() => admin.close());

describe.each([...RULE_CASES, ...KEYWORD_CASES])('$name', ({ bad, good, at, message }) => {
  test('is refused', async () => {
    const causes = causesOf(await tryOut(bad));
    expect(causes).toContainEqual(expect.objectContaining({ field: at, message: expect.stringContaining(message) }));
  });

  test('has a neighbour that is taken, here and by our parser', async () => {
    const reply = await tryOut(good);
    expect(reply).toMatchObject({ status: 201 });
    expect(parseFlexMetalServer(reply.body)).toMatchObject({ kind: 'ok' });
  });
});

test.each(RULE_CASES.map((each) => [each.name, each] as const))(
  '%s is refused for that reason only, in whole words',
  async (_name, { bad, at, message }) => {
    expect(causesOf(await tryOut(bad))).toEqual([
      expect.objectContaining({ field: at, message: expect.stringMatching(new RegExp(`: ${escaped(message)}$`)) }),
    ]);
  },
);

/** Creates an object with this spec in a dry run. */
function tryOut(spec: unknown) {
  return admin.request('POST', `${servers}?dryRun=All&fieldValidation=Strict`, { body: manifest('try-out', spec) });
}

const manifest = (name: string, spec: unknown): object => ({
  apiVersion: API_VERSION,
  kind: 'FlexMetalServer',
  metadata: { name },
  ...(spec === undefined ? {} : { spec }),
});

const Refusal = z.object({
  details: z.object({ causes: z.array(z.object({ field: z.string(), message: z.string() })) }),
});
const causesOf = (reply: { readonly body: unknown }) => Refusal.parse(reply.body).details.causes;

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
