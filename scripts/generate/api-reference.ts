import { flexMetalServerSchema } from '../../src/resources/flexmetalserver/crd.ts';
import {
  ANNOTATION,
  API_VERSION,
  CONDITION_TYPES,
  FINALIZER,
  OUR_TAG_PREFIX,
  REASONS,
} from '../../src/resources/names.ts';
import type { StructuralSchema } from '../../src/resources/schema/structural.ts';
import type { Meaning } from '../../src/resources/vocabulary.ts';
import { ANNOTATION_MEANINGS, CONDITION_MEANINGS, REASON_MEANINGS } from '../../src/resources/vocabulary.ts';

/** docs/api-reference.md, whole. */
export function apiReference(): string {
  const { description, properties, 'x-kubernetes-validations': rules } = flexMetalServerSchema();
  const { spec, status } = properties ?? {};
  if (spec === undefined || status === undefined) throw new Error('the schema lost its spec or status');
  return [
    '<!-- Written by `npm run generate` from src/resources. Change it there. -->',
    '# API reference',
    `## FlexMetalServer\n\n\`${API_VERSION}\`, namespaced, short name \`fms\`, category \`flexmetal\`.\n\n${description}`,
    `### spec\n\n${spec.description}\n\n${table(FIELD_HEADINGS, fieldRows(spec, 'spec'))}`,
    `#### Rules\n\nThe API server refuses an object that breaks one of these, with the message given here.\n\n${table(RULE_HEADINGS, ruleRows(spec, 'spec'))}`,
    `#### Fixed by the order\n\nOnce a server was ordered, these fields stay as they are. Until then, and as long as every order was refused, they may be corrected.\n\n${table(
      RULE_HEADINGS,
      (rules ?? []).map(({ fieldPath, message }) => [code(fieldPath?.slice(1) ?? ''), message]),
    )}`,
    `### status\n\n${status.description}\n\n${table(FIELD_HEADINGS, fieldRows(status, 'status'))}`,
    `### Conditions\n\n${table(
      ['Condition', 'Meaning'],
      CONDITION_TYPES.map((type) => [code(type), CONDITION_MEANINGS[type].meaning]),
    )}`,
    `### Reasons\n\nA closed list. The condition's message has the particulars: uuids, numbers, and the exact answer to give.\n\n${table(['Reason', 'Meaning', 'What to do'], REASONS.map(reasonRow))}`,
    `### Annotations\n\n${table(['Annotation', 'Meaning'], annotationRows())}`,
    `### Marks\n\nThe finalizer \`${FINALIZER}\` keeps an object until its servers are released. Tags that begin with \`${OUR_TAG_PREFIX}\` mark a server at the vendor as an object's: do not change them there.`,
  ]
    .join('\n\n')
    .concat('\n');
}

const FIELD_HEADINGS = ['Field', 'Type', 'Needed', 'Description'];
const RULE_HEADINGS = ['Field', 'Message'];

/** One row for each field, parents before their children. */
function fieldRows(schema: StructuralSchema, path: string): readonly (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const here = `${path}.${name}`;
    const inner = field.items ?? field;
    const below = fieldRows(inner, field.items === undefined ? here : `${here}[]`);
    return [[code(here), typeOf(field), needed(schema, name, field), field.description ?? ''], ...below];
  });
}

function needed(parent: StructuralSchema, name: string, field: StructuralSchema): string {
  if (parent.required?.includes(name) === true) return 'yes';
  const fallback = field.default;
  return typeof fallback === 'string' ? `default ${code(fallback)}` : '';
}

function typeOf(field: StructuralSchema): string {
  if (field.items !== undefined) return `list of at most ${field.maxItems}: ${typeOf(field.items)}`;
  if (field.enum !== undefined) return field.enum.map(code).join(', ');
  if (field.format === 'date-time') return 'time';
  if (field.type === 'integer') return ['integer', range(field)].join(' ').trim();
  if (field.type === 'string') return `string, at most ${field.maxLength}`;
  return field.type;
}

function range({ minimum, maximum }: StructuralSchema): string {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  return minimum === undefined ? '' : `from ${minimum}`;
}

function ruleRows(schema: StructuralSchema, path: string): readonly (readonly string[])[] {
  const here = (schema['x-kubernetes-validations'] ?? []).map(({ message }) => [code(path), message]);
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => ruleRows(field, `${path}.${name}`));
  return [...here, ...fields, ...(schema.items === undefined ? [] : ruleRows(schema.items, `${path}[]`))];
}

function reasonRow(reason: (typeof REASONS)[number]): readonly string[] {
  const { meaning, wayOut = '' }: Meaning = REASON_MEANINGS[reason];
  return [code(reason), meaning, wayOut];
}

function annotationRows(): readonly (readonly string[])[] {
  const { paused, reconcileRequestedAt, resolve, forceForget, order } = ANNOTATION_MEANINGS;
  return [
    [code(ANNOTATION.paused), paused],
    [code(ANNOTATION.reconcileRequestedAt), reconcileRequestedAt],
    [code(ANNOTATION.resolve), resolve],
    [code(ANNOTATION.forceForget), forceForget],
    [code(ANNOTATION.order), order],
  ];
}

const code = (text: string): string => `\`${text}\``;

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Outside of code, `<uuid>` would be taken for HTML. */
const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ')
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '&lt;') : part))
    .join('`');
