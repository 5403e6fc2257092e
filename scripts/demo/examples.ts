import { readdirSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { GROUP, VERSION } from '../../src/resources/names.ts';
import { readManifests } from '../../test/support/cluster/kit.ts';
import type { Manifest } from '../../test/support/cluster/kit.ts';
import { SERVERS_PLURAL } from './names.ts';

export const EXAMPLES_FOLDER = path.join(import.meta.dirname, '../../examples');

export interface Examples {
  /** Where each object goes, in the order in which they must be applied: what servers refer to comes first. */
  readonly objects: readonly { readonly path: string; readonly object: Manifest }[];
  readonly servers: readonly ExampleServer[];
}

/** What the demo needs to know of a FlexMetalServer before it is applied. */
export interface ExampleServer {
  readonly name: string;
  readonly location: string;
  readonly instanceType: string;
  readonly tags: readonly string[];
  readonly contractId: string | undefined;
  /** Deleting it releases its server at once. */
  readonly releasable: boolean;
}

/** The manifests of a folder (not of its subfolders) as objects of one namespace. Throws when one of them cannot be applied. */
export function readExamples(namespace: string, folder = EXAMPLES_FOLDER): Examples {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  const objects = files
    .flatMap((name) => readManifests(path.join(folder, name)))
    .map((manifest) => ({
      path: objectPath(manifest, namespace),
      object: { ...manifest, metadata: { ...manifest.metadata, namespace } },
    }));
  const [servers, others] = [
    objects.filter(({ object }) => isServer(object)),
    objects.filter(({ object }) => !isServer(object)),
  ];
  if (servers.length === 0) throw new Error(`${folder} holds no FlexMetalServer`);
  return { objects: [...others, ...servers], servers: servers.map(({ object }) => exampleServer(object)) };
}

/** One server to change and one to delete: never the same, so that the changed one is seen to live on. */
export function chooseTargets(servers: readonly ExampleServer[]): {
  readonly tagged: string;
  readonly deleted: string;
} {
  const deleted = servers.findLast(({ releasable }) => releasable);
  const tagged = servers.find(({ name }) => name !== deleted?.name);
  if (deleted === undefined || tagged === undefined)
    throw new Error(
      'the demo needs two FlexMetalServers among the examples, one of which is released when it is deleted',
    );
  return { tagged: tagged.name, deleted: deleted.name };
}

/** A world in which every example can be ordered, and in which a quarter of an hour takes some seconds. */
export function scenarioFor(servers: readonly ExampleServer[]): object {
  const contracts = servers.flatMap(({ contractId, location, instanceType }) =>
    contractId === undefined ? [] : [{ contractId, location, instanceType, capacity: CONTRACT_CAPACITY }],
  );
  return {
    timeScale: DEMO_TIME_SCALE,
    delivery: { takes: '14m', jitter: 0.3 },
    release: { takes: '3m', jitter: 0.2 },
    contracts: [...new Map(contracts.map((contract) => [JSON.stringify(contract), contract])).values()],
  };
}

/** 14 minutes take 12 seconds. */
export const DEMO_TIME_SCALE = 70;
const CONTRACT_CAPACITY = 10;

const COLLECTIONS: Readonly<Record<string, (namespace: string) => string>> = {
  'v1/Secret': (namespace) => `/api/v1/namespaces/${namespace}/secrets`,
  'v1/ConfigMap': (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
  [`${GROUP}/${VERSION}/FlexMetalServer`]: serversPath,
};

/** The path of the collection in one namespace. */
export function serversPath(namespace: string): string {
  return `/apis/${GROUP}/${VERSION}/namespaces/${namespace}/${SERVERS_PLURAL}`;
}

function objectPath(manifest: Manifest, namespace: string): string {
  const collection = COLLECTIONS[`${manifest.apiVersion}/${manifest.kind}`];
  if (collection === undefined)
    throw new Error(
      `the demo does not know how to apply ${manifest.apiVersion} ${manifest.kind} ${manifest.metadata.name}`,
    );
  return `${collection(namespace)}/${manifest.metadata.name}`;
}

const isServer = (manifest: Manifest): boolean => manifest.kind === 'FlexMetalServer';

const ServerSpec = z.object({
  spec: z.object({
    location: z.string(),
    instanceType: z.string(),
    tags: z.array(z.string()).default([]),
    contractId: z.string().optional(),
    deletionPolicy: z.string().default('Release'),
    deletionProtection: z.boolean().default(false),
  }),
});

function exampleServer(manifest: Manifest): ExampleServer {
  const { location, instanceType, tags, contractId, deletionPolicy, deletionProtection } =
    ServerSpec.parse(manifest).spec;
  const releasable = deletionPolicy === 'Release' && !deletionProtection;
  return { name: manifest.metadata.name, location, instanceType, tags, contractId, releasable };
}
