import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import * as z from 'zod';

/** A node of the CRD's schema with every keyword that occurs. Another one must be taught to the generator first, so it is refused here. */
const Node = z.strictObject({
  description: z.string().exactOptional(),
  type: z.enum(['object', 'array', 'string', 'integer', 'boolean']),
  format: z.enum(['int32', 'int64']).exactOptional(),
  default: z.json().exactOptional(),
  enum: z.array(z.string()).exactOptional(),
  pattern: z.string().exactOptional(),
  minLength: z.int().exactOptional(),
  maxLength: z.int().exactOptional(),
  minimum: z.int().exactOptional(),
  maximum: z.int().exactOptional(),
  maxItems: z.int().exactOptional(),
  required: z.array(z.string()).exactOptional(),
  'x-kubernetes-list-type': z.enum(['atomic', 'set']).exactOptional(),
  'x-kubernetes-validations': z.array(z.looseObject({ rule: z.string(), message: z.string() })).exactOptional(),
  get items() {
    return Node.exactOptional();
  },
  get properties() {
    return z.record(z.string(), Node).exactOptional();
  },
});
export type Node = z.infer<typeof Node>;

const Crd = z.object({
  spec: z.object({
    versions: z.array(
      z.object({
        schema: z.object({
          openAPIV3Schema: z.object({
            properties: z.object({ spec: z.unknown() }),
            'x-kubernetes-validations': z.array(z.looseObject({ rule: z.string(), fieldPath: z.string() })),
          }),
        }),
      }),
    ),
  }),
});

const file = join(import.meta.dirname, '../../../crds/flexmetal.i3d.net_flexmetalservers.yaml');
const root = Crd.parse(load(readFileSync(file, 'utf8'))).spec.versions[0]?.schema.openAPIV3Schema;

/** The schema of a FlexMetalServer's spec, as it is installed. */
export const SPEC: Node = Node.parse(root?.properties.spec);

/** The rules about changes, which stand at the root of the object and name a field of spec each. */
export const CHANGE_RULES = root?.['x-kubernetes-validations'] ?? [];

/** Fields of spec that the order fixes. */
export const FIXED_BY_THE_ORDER: readonly string[] = CHANGE_RULES.map(({ fieldPath }) =>
  fieldPath.replace('.spec.', ''),
);

/** Every path at which a value can stand that holds no other: `os.kernelParams[].key`. */
export const leavesOf = (node: Node, path = ''): readonly string[] => {
  if (node.items !== undefined) return leavesOf(node.items, `${path}[]`);
  const fields = Object.entries(node.properties ?? {});
  if (fields.length === 0) return [path];
  return fields.flatMap(([name, field]) => leavesOf(field, path === '' ? name : `${path}.${name}`));
};
