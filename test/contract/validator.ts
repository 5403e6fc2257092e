import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { DocumentedOperation } from './openapi-document.ts';
import { DOCUMENTED_SCHEMAS, documentedOperation, pathValues } from './openapi-document.ts';

/** A request as it goes over the wire. `headers`: lower-case names. */
export interface CheckedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A reply as it comes over the wire. */
export interface CheckedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Holds a request against the vendor's document: operation, parameters, token, and body.
 * @returns what is wrong with it; empty: nothing
 * One thing is allowed beyond the document: an order without `sshKey` for Talos, Windows and custom iPXE, as the vendor's own
 * released client sends it.
 */
export function requestViolations(request: CheckedRequest): readonly string[] {
  const operation = documentedOperation(request.method, request.path);
  if (operation === undefined) return [`${request.method} ${request.path} is not in the document`];
  return [
    ...((request.headers['private-token'] ?? '') === '' ? ['the token is missing'] : []),
    ...parameterViolations(operation, request),
    ...requestBodyViolations(operation, request),
  ];
}

/**
 * Holds a reply against the vendor's document: status and body. Refusals that the document names without a body must carry the
 * document's `Error`.
 * @returns what is wrong with it; empty: nothing
 */
export function replyViolations(
  request: Pick<CheckedRequest, 'method' | 'path'>,
  reply: CheckedReply,
): readonly string[] {
  const operation = documentedOperation(request.method, request.path);
  if (operation === undefined) return [`${request.method} ${request.path} is not in the document`];
  const documented = operation.responses[String(reply.status)];
  if (documented === undefined) return [`${operation.operationId} documents no status ${reply.status}`];
  const schema =
    documented.content?.['application/json'].schema ??
    (reply.status >= 400 ? { $ref: '#/components/schemas/Error' } : undefined);
  if (schema === undefined)
    return reply.body === '' ? [] : [`${operation.operationId} ${reply.status} has no body, but one came`];
  const type = reply.headers['content-type'] ?? '';
  return [
    ...(type.startsWith('application/json') ? [] : [`the body's type is "${type}"`]),
    ...bodyViolations(compiled('reply', schema), reply.body),
  ];
}

// OpenAPI 3.0 differs from JSON Schema in what `required` means for read-only properties and in how null is allowed.
type Direction = 'request' | 'reply';

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
for (const direction of ['request', 'reply'] as const) {
  const schemas = Object.fromEntries(
    Object.entries(DOCUMENTED_SCHEMAS).map(([name, schema]) => [name, converted(direction, schema)]),
  );
  ajv.addSchema({ $id: direction, components: { schemas } });
}

const cache = new Map<string, ValidateFunction>();

function compiled(direction: Direction, schema: unknown): ValidateFunction {
  const key = `${direction} ${JSON.stringify(schema)}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const fresh = ajv.compile(Object(converted(direction, schema)));
  cache.set(key, fresh);
  return fresh;
}

function converted(direction: Direction, schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((item) => converted(direction, item));
  if (!isRecord(schema)) return schema;
  const fields = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, converted(direction, value)]));
  if (typeof schema['$ref'] === 'string') return { ...fields, $ref: schema['$ref'].replace(/^#/, `${direction}#`) };
  if (schema['x-may-be-null'] === true) return { ...fields, type: [schema['type'], 'null'] };
  if (direction === 'request' && Array.isArray(schema['required']))
    return { ...fields, required: writable(schema, schema['required']) };
  return fields;
}

/** A read-only property is required in replies only. */
function writable(schema: Readonly<Record<string, unknown>>, required: readonly unknown[]): readonly unknown[] {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  return required.filter((name) => {
    const property = properties[String(name)];
    return !(isRecord(property) && property['readOnly'] === true);
  });
}

function parameterViolations(operation: DocumentedOperation, request: CheckedRequest): readonly string[] {
  const query = new URLSearchParams(request.path.split('?')[1] ?? '');
  const known = new Set(operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name));
  const unknown = [...query.keys()]
    .filter((name) => !known.has(name))
    .map((name) => `there is no query parameter ${name}`);
  const ranged = request.headers['ranged-data'];
  const takesRange = operation.parameters.some((parameter) => parameter.name === 'RANGED-DATA');
  const range = ranged === undefined ? [] : rangeViolations(takesRange, ranged);
  const values = pathValues(operation, request.path);
  const wrong = operation.parameters.flatMap((parameter) => {
    if (parameter.in === 'path') return valueViolations(parameter, values[parameter.name]);
    return parameter.in === 'query' ? queryViolations(parameter, query.getAll(parameter.name)) : [];
  });
  return [...unknown, ...range, ...wrong];
}

const rangeViolations = (takesRange: boolean, value: string): readonly string[] => {
  if (!takesRange) return ['RANGED-DATA is not documented here'];
  return /^start=\d+,results=[1-9]\d*$/.test(value) ? [] : [`RANGED-DATA is "${value}", not start=<int>,results=<int>`];
};

type Parameter = DocumentedOperation['parameters'][number];

function queryViolations(parameter: Parameter, values: readonly string[]): readonly string[] {
  if (values.length === 0) return parameter.required ? [`${parameter.name} is missing`] : [];
  if (parameter.schema['type'] === 'array')
    return checked(compiled('request', parameter.schema), values, parameter.name);
  if (values.length > 1) return [`${parameter.name} is given ${values.length} times`];
  return valueViolations(parameter, values[0]);
}

function valueViolations(parameter: Parameter, value: string | undefined): readonly string[] {
  const typed = parameter.schema['type'] === 'integer' && /^-?\d+$/.test(value ?? '') ? Number(value) : value;
  return checked(compiled('request', parameter.schema), typed, parameter.name);
}

function requestBodyViolations(operation: DocumentedOperation, { body }: CheckedRequest): readonly string[] {
  if (operation.requestBody === undefined) return body === undefined ? [] : [`${operation.operationId} takes no body`];
  if (body === undefined) return [`${operation.operationId} needs a body`];
  const violations = bodyViolations(
    compiled('request', operation.requestBody.content['application/json'].schema),
    body,
  );
  return violations.filter((violation) => !(violation === KEY_MISSING && needsNoKey(body)));
}

const KEY_MISSING = "body must have required property 'sshKey'";

const needsNoKey = (body: string): boolean => /"slug":"(?:talos|windows|custom-ipxe)/.test(body);

function bodyViolations(validate: ValidateFunction, body: string): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return ['the body is no JSON'];
  }
  return checked(validate, value, 'body');
}

function checked(validate: ValidateFunction, value: unknown, what: string): readonly string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${what}${error.instancePath} ${error.message ?? error.keyword}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
