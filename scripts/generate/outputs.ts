import { configurationTable } from '../../src/config.ts';
import { metricsTable } from '../../src/observability/metrics.ts';
import { flexMetalServerCrd } from '../../src/resources/flexmetalserver/crd.ts';
import { apiReference } from './api-reference.ts';
import { crdFile } from './crd-file.ts';

/** Every generated file, by its path from the root of the project. */
export const generatedFiles = (): Readonly<Record<string, string>> => ({
  'crds/flexmetal.i3d.net_flexmetalservers.yaml': crdFile(flexMetalServerCrd()),
  'docs/api-reference.md': apiReference(),
  'docs/configuration.md': configurationTable(),
  'docs/metrics.md': metricsTable(),
});
