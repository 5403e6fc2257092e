import type { JsonSchema } from './json-schema.ts';

/** Forms that values take, for those whose default does not say enough. */
export const oneOf = (...words: readonly (string | number)[]): JsonSchema => ({ enum: words });
export const matching = (pattern: string): JsonSchema => ({ type: 'string', pattern });
export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const mapOf = (values: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties: values });
export const whole = (minimum: number, maximum?: number): JsonSchema => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});

export const text: JsonSchema = { type: 'string' };
export const texts = listOf({ type: 'string', minLength: 1 });
/** Labels and annotations: `true` without quotes would be refused by the API server, with less to go by. */
export const textMap = mapOf(text);
/** What Kubernetes knows better than this chart: parts of a pod, peers of a NetworkPolicy. */
export const object: JsonSchema = { type: 'object' };
export const objects = listOf(object);
export const named: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string', minLength: 1 } },
  required: ['name'],
};
export const port = whole(1, 65_535);
export const cidrs = listOf(matching('^[0-9A-Fa-f.:]+/[0-9]{1,3}$'));
export const namespaces = listOf(matching('^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'));
export const action = oneOf('off', 'warn', 'deny');
export const renderMode = oneOf('skip', 'fail', 'always');
export const objectName = matching('^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)?$');
/** The key of a Secret or ConfigMap. */
export const dataKey = matching('^[-._a-zA-Z0-9]{1,253}$');
