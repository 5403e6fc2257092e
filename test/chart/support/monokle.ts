import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  DefaultPluginLoader,
  DisabledFixer,
  MonokleValidator,
  processRefs,
  ResourceParser,
  SchemaLoader,
} from '@monokle/validation';
import type { Resource } from '@monokle/validation';
import { parseManifests } from '../../support/cluster/kit.ts';
import type { Judgement } from './linters.ts';

/**
 * What can be checked without a network. Left out: schemas, which a real API server holds the charts to, and labels, where
 * Monokle asks for one that does not exist (app.kubernetes.io/managed, for managed-by).
 */
const PLUGINS = { 'pod-security-standards': true, practices: true, 'resource-links': true, 'yaml-syntax': true };

/** Holds manifests to every rule of Monokle's plugins, also to those that are off unless asked for. */
export async function judgeWithMonokle(file: string): Promise<Judgement> {
  const resources = resourcesOf(await readFile(file, 'utf8'));
  const parser = new ResourceParser();
  const validator = new MonokleValidator(
    {
      loader: new DefaultPluginLoader(),
      parser,
      schemaLoader: new SchemaLoader(),
      suppressors: [],
      fixer: new DisabledFixer(),
    },
    {},
  );
  await validator.preload({ plugins: PLUGINS });
  const rules = Object.entries(validator.rules).flatMap(([plugin, all]) => all.map(({ name }) => `${plugin}/${name}`));
  await validator.preload({ plugins: PLUGINS, rules: Object.fromEntries(rules.map((rule) => [rule, true])) });
  processRefs(resources, parser);
  const { runs } = await validator.validate({ resources });
  return {
    checks: rules.length,
    findings: runs
      .flatMap(({ results }) => results)
      .map(({ ruleId, locations }) => ({
        check: ruleId,
        object: nameOf(
          resources.find(({ filePath }) => filePath === locations[0].physicalLocation?.artifactLocation?.uri),
        ),
      })),
  };
}

/** Each document as a file of its own. Their names are never used twice, since Monokle remembers what it read under one. */
function resourcesOf(text: string): Resource[] {
  const folder = randomUUID();
  return text.split(/^---\n/m).flatMap((document, index) =>
    parseManifests(document, 'the rendered chart').map((content) => ({
      id: `${folder}/${index}`,
      fileId: `${folder}/${index}`,
      filePath: `${folder}/${index}`,
      fileOffset: 0,
      apiVersion: content.apiVersion,
      kind: content.kind,
      name: content.metadata.name,
      ...(content.metadata.namespace === undefined ? {} : { namespace: content.metadata.namespace }),
      content,
      text: document,
    })),
  );
}

const nameOf = (resource: Resource | undefined): string => `${resource?.kind} ${resource?.name}`;
