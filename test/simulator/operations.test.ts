import { expect, test } from 'vitest';
import { routeOf } from '../../src/simulator/operations.ts';

const found = (operation: string, params: Readonly<Record<string, string>> = {}) => ({
  kind: 'found',
  operation,
  params,
});

test.each([
  ['GET', '/v3/flexMetal/servers', found('getFlexMetalServers')],
  ['GET', '/v3/flexMetal/servers?tag=a', found('getFlexMetalServers')],
  ['GET', '/v3/flexMetal/location/', found('getFlexMetalLocations')],
  ['POST', '/v3/flexMetal/servers/u/tag/a%3Ab', found('createFlexMetalServerTag', { uuid: 'u', tag: 'a:b' })],
  ['GET', '/v3/flexMetal/location/18/instanceTypes', found('getFlexMetalLocationInstanceTypes', { locationId: '18' })],
  ['DELETE', '/v3/flexMetal/servers', { kind: 'wrongMethod' }],
  ['PATCH', '/v3/flexMetal/servers/u', { kind: 'wrongMethod' }],
  ['GET', '/v3/flexMetal/plans', { kind: 'unknown' }],
  ['GET', '/v3/flexMetal/servers/%zz', { kind: 'unknown' }],
  ['GET', '/v3/flexMetal/tags/', found('getFlexMetalTags')],
  ['GET', '/', { kind: 'unknown' }],
  ['GET', '', { kind: 'unknown' }],
])('%s %s leads where it should', (method, path, expected) => {
  const route = routeOf(method, path);
  const seen = route.kind === 'found' ? found(route.operation, Object.fromEntries(route.params)) : { kind: route.kind };
  expect(seen).toEqual(expected);
});
