import type { Chart } from './charts.ts';
import type { DescribedValue } from './described-values.ts';
import type { JsonSchema } from './json-schema.ts';
import { closed, didYouMean } from './json-schema.ts';

/** values.schema.json of a chart, from its values. Every mapping is closed, but for those whose keys are free. */
export function valuesSchema(chart: Chart, values: readonly DescribedValue[]): JsonSchema {
  const unknown = Object.keys(chart.forms).filter((path) => !values.some((value) => value.path.join('.') === path));
  if (unknown.length > 0) throw new Error(`${chart.folder} has no values ${unknown.join(', ')}, but forms for them`);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $comment: 'Written by `npm run chart` from values.yaml and scripts/chart. Change it there.',
    ...groupSchema(chart, [], values),
  };
}

function groupSchema(chart: Chart, path: readonly string[], values: readonly DescribedValue[]): JsonSchema {
  const properties = new Map(
    [...Map.groupBy(values, (value) => value.path[path.length] ?? '')].map(([key, below]) => [
      key,
      schemaAt(chart, [...path, key], below),
    ]),
  );
  // Charts that have this one as a part share `global` among all their parts, which may know names that are near to ours.
  if (path.join('.') === 'global') return { type: 'object', properties: Object.fromEntries(properties) };
  const misplaced = path.length === 0 ? chart.misplaced : {};
  return closed({ path, properties, elsewhere: new Map([...Object.entries(misplaced), ...deeper(path, values)]) });
}

function schemaAt(chart: Chart, path: readonly string[], below: readonly DescribedValue[]): JsonSchema {
  const [value] = below;
  if (value === undefined || value.path.length > path.length) return groupSchema(chart, path, below);
  const form = chart.forms[path.join('.')] ?? formOf(path, value.fallback);
  return {
    description: value.description,
    ...(path.join('.') === 'config' ? {} : { default: value.fallback }),
    ...form,
  };
}

function formOf(path: readonly string[], fallback: unknown): JsonSchema {
  if (typeof fallback === 'string' || typeof fallback === 'boolean') return { type: typeof fallback };
  throw new Error(`${path.join('.')} needs a form in scripts/chart/charts.ts`);
}

/** Names that stand deeper down, and only once: `existingSecret` for `api.token.existingSecret` would be two. */
function deeper(path: readonly string[], values: readonly DescribedValue[]): ReadonlyMap<string, string> {
  const places = new Set(
    values.flatMap((value) => value.path.map((_, index) => value.path.slice(0, index + 1).join('.'))),
  );
  const below = [...places].map((place) => place.split('.')).filter((place) => place.length > path.length + 1);
  const byName = Map.groupBy(below, (place) => place.at(-1) ?? '');
  return new Map(
    [...byName].flatMap(([name, [only, ...more]]) =>
      only === undefined || more.length > 0 ? [] : [[name, didYouMean(only)] as const],
    ),
  );
}
