import { load } from 'js-yaml';
import type * as z from 'zod';
import { WorldConfig } from './config.ts';

/** A scenario that cannot be used; the message names each key that is wrong and what it should be. Nothing was started. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/**
 * Reads a scenario file.
 * @param text YAML or JSON; empty text is the world of all defaults
 * @throws ScenarioError
 */
export function parseScenario(text: string, source = 'scenario'): WorldConfig {
  return readScenario(parseYaml(text, source), source);
}

/** Reads a scenario that is parsed already. Throws a ScenarioError. */
export function readScenario(value: unknown, source = 'scenario'): WorldConfig {
  const parsed = WorldConfig.safeParse(value ?? {});
  if (!parsed.success) throw new ScenarioError(describe(source, parsed.error.issues));
  return parsed.data;
}

/** One line a problem: the key as a path, then what is wrong with it. */
export const describe = (source: string, issues: readonly z.core.$ZodIssue[]): string =>
  [`${source} is not valid:`, ...issues.map((issue) => `  ${keyOf(issue.path)}: ${issue.message}`)].join('\n');

function parseYaml(text: string, source: string): unknown {
  if (text.trim() === '') return {};
  try {
    return load(text);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'YAMLException') throw error;
    throw new ScenarioError(`${source} is neither YAML nor JSON: ${error.message}`, { cause: error });
  }
}

const keyOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (key, part) => (typeof part === 'number' ? `${key}[${part}]` : `${key}${key === '' ? '' : '.'}${String(part)}`),
    '',
  ) || '(all of it)';
