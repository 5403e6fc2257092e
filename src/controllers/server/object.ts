import type { ObjectRef } from '../../observability/happening.ts';
import { API_VERSION, GROUP, VERSION } from '../../resources/names.ts';
import type { Resource } from '../../kube/resource.ts';
import type { FlexMetalServerWithoutSpec } from '../../resources/flexmetalserver/parse.ts';

export const FLEXMETALSERVERS: Resource = { group: GROUP, version: VERSION, plural: 'flexmetalservers' };
export const SECRETS: Resource = { group: '', version: 'v1', plural: 'secrets' };
export const CONFIG_MAPS: Resource = { group: '', version: 'v1', plural: 'configmaps' };

export const KIND = 'FlexMetalServer';

/** The object as logs and Events name it. */
export const refOf = (object: Pick<FlexMetalServerWithoutSpec, 'key' | 'uid'>): ObjectRef => ({
  apiVersion: API_VERSION,
  kind: KIND,
  key: object.key,
  uid: object.uid,
});
