import * as z from 'zod';

/** A node of a structural schema, as far as this project uses them. */
export interface StructuralSchema {
  readonly description?: string;
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: StructuralSchema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired';
}

/**
 * Makes the schema of a CRD from a zod schema.
 * Throws on anything that the API server would refuse or silently ignore (unions, unknown formats, unbounded texts, missing descriptions),
 * so that a mistake ends at `npm run generate` and not in somebody's cluster.
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  const json: unknown = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' });
  return walk(json, '');
}

/** A plain walk over the result: in zod's own `override` the wrappers (optional, default) come in an order that loses flags. */
function walk(node: unknown, path: string): StructuralSchema {
  const found = Node.safeParse(node);
  if (!found.success)
    throw new Error(`${path || 'the schema'} cannot be said in a CRD: ${z.prettifyError(found.error)}`);
  const {
    properties,
    items,
    additionalProperties: _strict,
    minimum,
    maximum,
    description,
    type,
    format,
    ...rest
  } = found.data;
  const gap = missing(found.data, path);
  if (gap !== undefined) throw new Error(`${path || 'the schema'} needs ${gap}`);
  const children = Object.entries(properties ?? {}).map(([name, child]) => [name, walk(child, `${path}.${name}`)]);
  return {
    ...(description === undefined ? {} : { description }),
    type,
    ...(format === undefined ? {} : { format }),
    ...(type === 'integer' ? integerBounds(minimum, maximum) : {}),
    ...rest,
    ...(items === undefined ? {} : { items: walk(items, `${path}[]`) }),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(children) }),
  };
}

function missing(node: Node, path: string): string | undefined {
  // An item is described by its list.
  if (node.description === undefined && !path.endsWith('[]')) return 'a description, for kubectl explain';
  if (node.type === 'array' && node.maxItems === undefined) return 'a largest number of items';
  if (node.type === 'array' && node['x-kubernetes-list-type'] === undefined)
    return 'a list type, for server-side apply';
  if (node.type === 'string' && node.enum === undefined && node.maxLength === undefined) return 'a largest length';
  return undefined;
}

const INT32_MAX = 2_147_483_647;

/** zod bounds every integer by what a double holds exactly; the CRD says int64 instead. */
function integerBounds(minimum: number | undefined, maximum: number | undefined) {
  const low = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const high = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const format = high !== undefined && high <= INT32_MAX ? 'int32' : 'int64';
  return { format, ...(low === undefined ? {} : { minimum: low }), ...(high === undefined ? {} : { maximum: high }) };
}

/** Every keyword that may occur. Formats are a closed list, because the API server takes any word there and ignores what it does not know. */
const Node = z.strictObject({
  description: z.string().exactOptional(),
  type: z.enum(['object', 'array', 'string', 'integer', 'boolean']),
  format: z.enum(['date-time']).exactOptional(),
  default: z.unknown().exactOptional(),
  enum: z.array(z.string()).exactOptional(),
  pattern: z.string().exactOptional(),
  minLength: z.int().exactOptional(),
  maxLength: z.int().exactOptional(),
  minimum: z.int().exactOptional(),
  maximum: z.int().exactOptional(),
  maxItems: z.int().exactOptional(),
  items: z.unknown().exactOptional(),
  required: z.array(z.string()).exactOptional(),
  properties: z.record(z.string(), z.unknown()).exactOptional(),
  additionalProperties: z.literal(false).exactOptional(),
  'x-kubernetes-list-type': z.enum(['atomic', 'set', 'map']).exactOptional(),
  'x-kubernetes-list-map-keys': z.array(z.string()).exactOptional(),
  'x-kubernetes-validations': z.array(z.strictObject({ rule: z.string(), message: z.string() })).exactOptional(),
});
type Node = z.infer<typeof Node>;
