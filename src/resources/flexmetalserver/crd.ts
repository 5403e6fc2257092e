import * as z from 'zod';
import { API_VERSION, GROUP, VERSION } from '../names.ts';
import type { StructuralSchema, ValidationRule } from '../schema/structural.ts';
import { structuralSchema } from '../schema/structural.ts';
import { FlexMetalServerSpec, FlexMetalServerStatus } from './schema.ts';
import { NOT_SEEN_AT } from './status.ts';

/** The CustomResourceDefinition of FlexMetalServer, as plain JSON. */
export const flexMetalServerCrd = () => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `flexmetalservers.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: {
      kind: 'FlexMetalServer',
      listKind: 'FlexMetalServerList',
      plural: 'flexmetalservers',
      singular: 'flexmetalserver',
      shortNames: ['fms'],
      categories: ['flexmetal'],
    },
    versions: [
      {
        name: VERSION,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: PRINTER_COLUMNS,
        selectableFields: SELECTABLE_FIELDS.map((jsonPath) => ({ jsonPath })),
        schema: { openAPIV3Schema: flexMetalServerSchema() },
      },
    ],
  },
});

/** The schema of the whole object. */
export function flexMetalServerSchema(): StructuralSchema {
  const root = structuralSchema(FlexMetalServerObject);
  const { spec, status, ...envelope } = root.properties ?? {};
  if (spec === undefined || status === undefined) throw new Error('the schema lost its spec or status');
  return {
    ...root,
    required: ['spec'],
    properties: { ...envelope, metadata: { type: 'object' }, spec, status: withDefaults(status) },
    'x-kubernetes-validations': FIXED_BY_THE_ORDER,
  };
}

const FlexMetalServerObject = z
  .object({
    apiVersion: z.string().max(253).describe(`Always ${API_VERSION}.`).optional(),
    kind: z.string().max(63).describe('Always FlexMetalServer.').optional(),
    spec: FlexMetalServerSpec,
    status: FlexMetalServerStatus.optional(),
  })
  .describe(
    'A FlexMetalServer is one bare-metal server rented from i3D.net FlexMetal. Creating it orders exactly one server, which costs money from that moment; deleting it releases the server. Ready says when the server can be used.',
  );

/**
 * Before the operator's first word a new object is waiting, and everybody who reads conditions should see that:
 * for kstatus (Helm, Flux, kubectl plugins) an object without conditions is done. Two defaults, so that a first write of another
 * field of the status leaves them in place. The time is the one that the Gateway API uses for the same purpose.
 */
function withDefaults(status: StructuralSchema): StructuralSchema {
  const conditions = status.properties?.['conditions'];
  if (conditions === undefined) throw new Error('the schema lost its conditions');
  return {
    ...status,
    default: {},
    properties: { ...status.properties, conditions: { ...conditions, default: NOT_SEEN_YET } },
  };
}

const NOT_SEEN_YET = [
  { type: 'Ready', status: 'Unknown' },
  { type: 'Ordered', status: 'Unknown' },
  { type: 'Delivered', status: 'Unknown' },
  { type: 'Synced', status: 'Unknown' },
  { type: 'Reconciling', status: 'True' },
].map((condition) => ({
  ...condition,
  reason: 'Pending',
  message:
    'The operator has not looked at this object yet. If this stays, see that it runs and watches this namespace.',
  lastTransitionTime: NOT_SEEN_AT,
}));

/**
 * Nothing was ordered while there is no ledger, or as long as every attempt was refused or never sent: a refused order is mended by
 * correcting the spec. After an unclear one a server may still turn up, and then the spec must say what was ordered.
 */
const NOT_ORDERED = [
  '!has(oldSelf.status)',
  '!has(oldSelf.status.order)',
  "(oldSelf.status.order.outcome in ['refused', 'withdrawn'] && !(has(oldSelf.status.order.everUnclear) && oldSelf.status.order.everUnclear))",
  'oldSelf.status.order.attempts == 0',
].join(' || ');

const ANOTHER = 'create a FlexMetalServer under another name, and delete this one if its server is to be released';

/** These stand at the root: a rule on an optional field is not evaluated when the field is added or removed. */
const FIXED_BY_THE_ORDER: readonly ValidationRule[] = [
  fixed('name', `the server was ordered under its name and is not renamed: for another name ${ANOTHER}`),
  fixed('location', `the server was ordered and cannot move: for another location ${ANOTHER}`),
  fixed('instanceType', `the server was ordered and stays what it is: for another instance type ${ANOTHER}`),
  fixed(
    'os',
    `the server was ordered with this operating system and is never reinstalled, for that wipes its disks: for another one ${ANOTHER}`,
  ),
  fixed('sshKeys', `keys are installed once, with the order: change them on the server itself, or ${ANOTHER}`),
  fixed(
    'postInstallScript',
    `the script runs once, after the installation: run a new one on the server itself, or ${ANOTHER}`,
  ),
  fixed('contractId', `the server was ordered on its contract: for another contract ${ANOTHER}`),
  fixed('overflow', `overflow was part of the order: to order with another value ${ANOTHER}`),
];

function fixed(field: keyof FlexMetalServerSpec, message: string): ValidationRule {
  // Not `self.spec.?field == oldSelf.spec.?field`: the API server takes an optional value for unbounded and refuses its cost.
  const sameValue = `has(self.spec.${field}) == has(oldSelf.spec.${field}) && (!has(self.spec.${field}) || self.spec.${field} == oldSelf.spec.${field})`;
  return {
    rule: `${NOT_ORDERED} || (${sameValue})`,
    message,
    fieldPath: `.spec.${field}`,
    reason: 'FieldValueForbidden',
  };
}

const SELECTABLE_FIELDS = ['.spec.location', '.spec.instanceType', '.status.phase', '.status.serverUuid'];

const PRINTER_COLUMNS = [
  column(
    'Ready',
    'string',
    '.status.conditions[?(@.type=="Ready")].status',
    'Whether the server is delivered and as wanted.',
  ),
  column('Reason', 'string', '.status.conditions[?(@.type=="Ready")].reason', 'Why it is Ready or not.'),
  column('Type', 'string', '.spec.instanceType', 'Kind of machine.'),
  column('Location', 'string', '.spec.location', 'Where it stands.'),
  column('IP', 'string', '.status.addresses[0].address', 'First address of the server.'),
  column('Age', 'date', '.metadata.creationTimestamp', 'Age of this object.'),
  wideColumn('UUID', '.status.serverUuid', 'The server at the vendor.'),
  wideColumn('Status', '.status.deliveryStatus', 'Status in the word of the vendor.'),
  wideColumn('OS', '.spec.os.slug', 'Operating system.'),
  wideColumn('Contract', '.spec.contractId', 'Contract that it was ordered on.'),
  wideColumn('Message', '.status.conditions[?(@.type=="Ready")].message', 'What is the case, and what to do.'),
];

function column(name: string, type: 'string' | 'date', jsonPath: string, description: string) {
  return { name, type, jsonPath, description };
}

/** Shown by `kubectl get -o wide` only. */
function wideColumn(name: string, jsonPath: string, description: string) {
  return { ...column(name, 'string', jsonPath, description), priority: 1 };
}
