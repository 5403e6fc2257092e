import { dump } from 'js-yaml';
import { GROUP, VERSION } from '../../src/resources/names.ts';

/** Fields of a FlexMetalServer by the label they become. None of them changes from minute to minute: each value is a series. */
const INFO = {
  instance_type: ['spec', 'instanceType'],
  location: ['spec', 'location'],
  server_uuid: ['status', 'serverUuid'],
  phase: ['status', 'phase'],
  delivery_status: ['status', 'deliveryStatus'],
} as const;

/**
 * The configuration by which kube-state-metrics makes series of single objects, which the operator's own metrics do not name:
 * a program that counts must not grow with what it counts.
 */
export const stateMetricsFile = (header: string): string =>
  `${header}${dump(
    {
      kind: 'CustomResourceStateMetrics',
      spec: {
        resources: [
          {
            groupVersionKind: { group: GROUP, version: VERSION, kind: 'FlexMetalServer' },
            metricNamePrefix: 'kube_flexmetalserver',
            labelsFromPath: {
              name: ['metadata', 'name'],
              namespace: ['metadata', 'namespace'],
              uid: ['metadata', 'uid'],
            },
            metrics: METRICS,
          },
        ],
      },
    },
    { lineWidth: -1, noRefs: true },
  )}`;

const METRICS = [
  {
    name: 'info',
    help: 'Always 1; the labels say what was ordered and what came of it.',
    each: { type: 'Info', info: { labelsFromPath: INFO } },
  },
  {
    name: 'status_condition',
    help: '1 for the status that a condition has, 0 for the two that it has not.',
    each: {
      type: 'StateSet',
      stateSet: {
        path: ['status', 'conditions'],
        labelsFromPath: { type: ['type'] },
        labelName: 'status',
        valueFrom: ['status'],
        list: ['True', 'False', 'Unknown'],
      },
    },
  },
  {
    name: 'status_condition_reason',
    help: '1 for a condition that is True, 0 for any other; the label says why.',
    each: {
      type: 'Gauge',
      gauge: {
        path: ['status', 'conditions'],
        labelsFromPath: { type: ['type'], reason: ['reason'] },
        valueFrom: ['status'],
      },
    },
  },
  {
    name: 'created',
    help: 'When the object was created, in seconds since 1970.',
    each: { type: 'Gauge', gauge: { path: ['metadata', 'creationTimestamp'] } },
  },
  {
    name: 'deletion_timestamp',
    help: 'When the object was deleted, in seconds since 1970; absent while it is not being deleted.',
    each: { type: 'Gauge', gauge: { path: ['metadata', 'deletionTimestamp'] } },
  },
] as const;
