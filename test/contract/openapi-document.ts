import { readFileSync } from 'node:fs';
import * as z from 'zod';

const JsonSchema = z.record(z.string(), z.unknown());
const Content = z.object({ 'application/json': z.object({ schema: JsonSchema }) });

const Parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().default(false),
  schema: JsonSchema,
  'x-syntax': z.string().optional(),
});

const DocumentedOperation = z.object({
  operationId: z.string(),
  parameters: z.array(Parameter).default([]),
  requestBody: z.object({ required: z.boolean(), content: Content }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string(), content: Content.optional() })),
});

const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), DocumentedOperation)),
  components: z.object({ schemas: z.record(z.string(), JsonSchema) }),
});

/** One operation of the vendor's document. */
export type DocumentedOperation = z.infer<typeof DocumentedOperation> & {
  readonly method: string;
  readonly path: string;
};

const document = Document.parse(JSON.parse(readFileSync(new URL('flexmetal-openapi.json', import.meta.url), 'utf8')));

/** Every operation of the document. */
export const DOCUMENTED: readonly DocumentedOperation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
);

/** The schemas of the document, by name, as OpenAPI 3.0 has them. */
export const DOCUMENTED_SCHEMAS: Readonly<Record<string, Readonly<Record<string, unknown>>>> =
  document.components.schemas;

/** Finds the operation of a request; undefined when the document has none. */
export function documentedOperation(method: string, pathAndQuery: string): DocumentedOperation | undefined {
  const [path = ''] = pathAndQuery.split('?');
  return DOCUMENTED.find((operation) => operation.method === method && pathPattern(operation.path).test(path));
}

/** The values of the path parameters, decoded. */
export function pathValues(operation: DocumentedOperation, pathAndQuery: string): Readonly<Record<string, string>> {
  const [path = ''] = pathAndQuery.split('?');
  const groups = pathPattern(operation.path).exec(path)?.groups ?? {};
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
}

const pathPattern = (template: string): RegExp => new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
