import path from 'node:path';
import { Ajv } from 'ajv';
import * as z from 'zod';
import { readPage } from './markdown.ts';

export type Chart = 'flexmetal-operator' | 'flexmetal-operator-crds';

/** As much of a schema as it takes to find a value by its path. An object without `properties` takes any key. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly additionalProperties?: unknown;
  readonly type?: unknown;
}
const Schema: z.ZodType<Schema> = z.looseObject({
  properties: z.lazy(() => z.record(z.string(), Schema)).optional(),
  additionalProperties: z.unknown().optional(),
  type: z.unknown().optional(),
});

const schemaOf = (chart: Chart): Schema =>
  Schema.parse(JSON.parse(readPage(path.join('helm', chart, 'values.schema.json')).text));

/** The first words that paths of values begin with. */
export const topLevelValues = (chart: Chart): readonly string[] => Object.keys(schemaOf(chart).properties ?? {});

/** Whether the chart has a value of this path, such as `image.tag`; within maps that are free, any. */
export function hasValue(chart: Chart, dotted: string): boolean {
  let schema: Schema | undefined = schemaOf(chart);
  for (const key of dotted.split('.')) {
    if (schema === undefined) return false;
    const isFree: boolean =
      schema.properties === undefined && schema.additionalProperties !== false && schema.type === 'object';
    if (isFree) return true;
    schema = schema.properties?.[key];
  }
  return schema !== undefined;
}

/** What the chart's schema has to say against values; undefined when it takes them. */
export function complaintAbout(chart: Chart, values: unknown): string | undefined {
  const ajv = new Ajv({ strict: false, allErrors: true });
  return ajv.validate({ ...schemaOf(chart) }, values) ? undefined : ajv.errorsText();
}
