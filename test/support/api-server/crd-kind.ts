import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { fieldsOf, isList, textOf, toJson, type Json, type JsonObject } from './json.ts';
import type { Kind } from './kind.ts';
import type { Schema } from './structural-schema.ts';

/** The kinds that this project's CRDs define. Read once a process: simulations start many servers. */
export function projectKinds(): readonly Kind[] {
  projectKindsCache ??= kindsIn(PROJECT_CRDS);
  return projectKindsCache;
}

let projectKindsCache: readonly Kind[] | undefined;

const PROJECT_CRDS = join(import.meta.dirname, '../../../crds');

function kindsIn(folder: string): readonly Kind[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .flatMap((file) => kindsOfCrds(readFileSync(join(folder, file), 'utf8')));
}

/** One kind for each served version in the CustomResourceDefinitions of the YAML text. */
export function kindsOfCrds(yaml: string): readonly Kind[] {
  return loadAll(yaml)
    .map((document) => toJson(document))
    .map(fieldsOf)
    .filter((document) => document['kind'] === 'CustomResourceDefinition')
    .flatMap(kindsOf);
}

function kindsOf(crd: JsonObject): readonly Kind[] {
  const spec = fieldsOf(crd['spec']);
  const names = fieldsOf(spec['names']);
  const versions = spec['versions'];
  if (!isList(versions)) throw new Error('a CustomResourceDefinition without spec.versions');
  return versions
    .map(fieldsOf)
    .filter((version) => version['served'] === true)
    .map((version) => ({
      group: required(spec['group'], 'spec.group'),
      version: required(version['name'], 'versions[].name'),
      plural: required(names['plural'], 'names.plural'),
      kind: required(names['kind'], 'names.kind'),
      namespaced: spec['scope'] === 'Namespaced',
      hasStatus: fieldsOf(version['subresources'])['status'] !== undefined,
      hasGeneration: true,
      allowsUnguardedUpdate: false,
      createsOnUpdate: false,
      isCustom: true,
      schema: readSchema(fieldsOf(version['schema'])['openAPIV3Schema']),
    }));
}

/** The root's own apiVersion, kind and metadata are the server's business. A CRD is checked by the real server, so its shape is taken as it is. */
function readSchema(openApi: Json | undefined): Schema {
  const schema = fieldsOf(openApi) as Schema;
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...properties } = schema.properties ?? {};
  return { ...schema, properties };
}

function required(value: Json | undefined, where: string): string {
  const text = textOf(value);
  if (text === undefined) throw new Error(`a CustomResourceDefinition without ${where}`);
  return text;
}
