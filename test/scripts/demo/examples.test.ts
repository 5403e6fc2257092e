import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseTargets, readExamples, scenarioFor } from '../../../scripts/demo/examples.ts';
import { readScenario } from '../../../src/simulator/scenario.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-examples-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const server = (name: string, more = ''): string => `
apiVersion: flexmetal.i3d.net/v1alpha1
kind: FlexMetalServer
metadata: { name: ${name}, namespace: elsewhere }
spec: { location: 'EU: Rotterdam', instanceType: bm7.std.8, os: { slug: x }${more} }
`;

test("the project's own examples can all be shown: one to change, another to delete, and a world that can deliver them", () => {
  const { objects, servers } = readExamples('demo');
  const { tagged, deleted } = chooseTargets(servers);
  expect(tagged).not.toBe(deleted);
  expect(servers.find(({ name }) => name === deleted)?.releasable).toBe(true);
  expect(objects.every(({ object }) => object.metadata.namespace === 'demo')).toBe(true);
  const scenario = readScenario(scenarioFor(servers));
  const wanted = servers.map(({ contractId }) => contractId).filter((contractId) => contractId !== undefined);
  expect(scenario.contracts.map((contract) => contract.contractId)).toEqual(expect.arrayContaining(wanted));
});

test('what servers refer to is applied before them, all in the namespace of the demo', () => {
  writeFileSync(
    path.join(folder, 'a.yaml'),
    `${server('one')}---\napiVersion: v1\nkind: Secret\nmetadata: { name: key }\n`,
  );
  expect(readExamples('demo', folder).objects.map((item) => item.path)).toEqual([
    '/api/v1/namespaces/demo/secrets/key',
    '/apis/flexmetal.i3d.net/v1alpha1/namespaces/demo/flexmetalservers/one',
  ]);
});

test.each([
  [
    'a kind it cannot apply',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x }\n',
    'does not know how to apply apps/v1 Deployment x',
  ],
  ['something that is no object', 'hello: world\n', 'no Kubernetes object'],
  ['no server', 'apiVersion: v1\nkind: Secret\nmetadata: { name: key }\n', 'holds no FlexMetalServer'],
])('%s is named', (_name, text, message) => {
  writeFileSync(path.join(folder, 'a.yaml'), text);
  expect(() => readExamples('demo', folder)).toThrow(message);
});

test('a server that would stay, or would wait for a person, is not the one to be deleted', () => {
  writeFileSync(
    path.join(folder, 'a.yaml'),
    [
      server('first'),
      server('kept', ', deletionPolicy: Retain'),
      server('protected', ', deletionProtection: true'),
    ].join('---'),
  );
  expect(chooseTargets(readExamples('demo', folder).servers)).toEqual({ tagged: 'kept', deleted: 'first' });
});

test('one server is not enough to show both', () => {
  writeFileSync(path.join(folder, 'a.yaml'), server('only'));
  expect(() => chooseTargets(readExamples('demo', folder).servers)).toThrow('needs two FlexMetalServers');
});
