import { SETTINGS } from '../../src/config/settings.ts';
import type { Setting } from '../../src/config/settings.ts';
import type { JsonSchema } from './json-schema.ts';
import { closed, didYouMean } from './json-schema.ts';

/** Settings that the chart makes from other values, or that have one right value in its pod; and what to use instead. */
const SET_BY: ReadonlyMap<string, string> = new Map([
  ['apiUrl', 'this setting is set by api.url'],
  ['tokenFile', 'this setting is set by api.token'],
  ['proxyUrl', 'this setting is set by api.proxy'],
  ['namespaces', 'this setting is set by watch'],
  ['leaseName', 'this setting is set by fullnameOverride'],
  ['leaseNamespace', 'this setting is the namespace of the release'],
  ['kubeconfig', 'this setting is not for pods: they have a service account'],
  ['kubeContext', 'this setting is not for pods: they have a service account'],
  ['healthAddress', 'this setting is fixed: the probes need port 8081'],
  ['metricsAddress', 'this setting is fixed: the Service needs port 8080'],
  ['tracingEndpoint', 'this setting is set by tracing'],
]);

/** Settings that values.config takes. */
const OFFERED = SETTINGS.filter(({ key }) => !SET_BY.has(key));

/** The schema of values.config. What is more than a matter of form, the operator checks itself. */
export const configSchema = (): JsonSchema =>
  closed({
    path: ['config'],
    properties: new Map(OFFERED.map((setting) => [setting.key, settingSchema(setting)])),
    elsewhere: SET_BY,
  });

/** What to say of a setting that was written beside `config`, by its key. */
export const misplacedSettings = (): ReadonlyMap<string, string> =>
  new Map([...OFFERED.map(({ key }) => [key, didYouMean(['config', key])] as const), ...SET_BY]);

function settingSchema({ value, meaning, fallback }: Setting): JsonSchema {
  return { description: meaning, ...(fallback === undefined ? {} : { default: fallback }), ...formOf(value) };
}

const DURATION = '^(?:\\d+(?:h|m|s|ms))+$';

/** By the word that stands for the value in the help. Text is right for every setting: flags and variables are nothing else. */
function formOf(value: string): JsonSchema {
  if (value === 'duration') return { type: 'string', pattern: DURATION };
  if (value === 'number') return { type: ['number', 'string'], pattern: '^\\d+(?:\\.\\d+)?$' };
  if (value === 'hex') return { type: 'string', pattern: '^[0-9a-f]{12}$' };
  if (value === 'true|false') return { enum: [true, false, 'true', 'false'] };
  if (value.includes('|')) return { type: 'string', enum: value.split('|') };
  return { type: 'string' };
}
