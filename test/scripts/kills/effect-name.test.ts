import { expect, test } from 'vitest';
import { effectNameIn, effectNameOf } from '../../cluster/support/fail-points/effect-name.ts';

const SERVERS = '/apis/flexmetal.i3d.net/v1alpha1/namespaces/operator-1/flexmetalservers';
const UUID = '01a20f24-e636-7000-8ec9-42eeb370715c';

test.each([
  ['a patch', 'kube', 'PATCH', `${SERVERS}/web-1?fieldManager=x`, 'kube PATCH default/web-1'],
  ['a patch of status', 'kube', 'PATCH', `${SERVERS}/web-1/status`, 'kube PATCH default/web-1/status'],
  ['a read', 'kube', 'GET', `${SERVERS}/web-1`, undefined],
  ['a Lease', 'kube', 'PUT', '/apis/coordination.k8s.io/v1/namespaces/x/leases/flexmetal-operator', undefined],
  ['an Event', 'kube', 'POST', '/apis/events.k8s.io/v1/namespaces/x/events', undefined],
  ['an order', 'vendor', 'POST', '/v3/flexMetal/servers', 'vendor POST /v3/flexMetal/servers'],
  ['a release', 'vendor', 'DELETE', `/v3/flexMetal/servers/${UUID}`, 'vendor DELETE /v3/flexMetal/servers/{id}'],
  [
    'a tag',
    'vendor',
    'POST',
    `/v3/flexMetal/servers/${UUID}/tag/team%3Adb`,
    'vendor POST /v3/flexMetal/servers/{id}/tag/team:db',
  ],
  ['a listing', 'vendor', 'GET', '/v3/flexMetal/servers', undefined],
] as const)('%s has the name that the simulation gives it', (_name, to, method, path, name) => {
  expect(effectNameOf(to, method, path)).toBe(name);
});

test.each([
  ['kube patch default/web-1/status', 'kube PATCH default/web-1/status'],
  [`vendor DELETE /v3/flexMetal/servers/${UUID}`, 'vendor DELETE /v3/flexMetal/servers/{id}'],
  [
    `vendor POST /v3/flexMetal/servers/${UUID}/tag/flexmetal-uid:${UUID}`,
    'vendor POST /v3/flexMetal/servers/{id}/tag/flexmetal-uid:{id}',
  ],
])('%s, as the simulation has it', (label, name) => {
  expect(effectNameIn(label)).toBe(name);
});
