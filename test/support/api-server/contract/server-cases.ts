import type { ContractCase } from './cases.ts';
import type { Session } from './session.ts';
import { versionOf } from './session.ts';

const servers = (session: Session): string =>
  `/apis/flexmetal.i3d.net/v1alpha1/namespaces/${session.namespace}/flexmetalservers`;

const SERVER = {
  apiVersion: 'flexmetal.i3d.net/v1alpha1',
  kind: 'FlexMetalServer',
  metadata: { name: 'web-1' },
  spec: { location: 'EU: Rotterdam', instanceType: 'bm7.std.8', os: { slug: 'ubuntu-2404-lts' }, tags: ['web'] },
};

/** The kind that all this is for, as its CRD stands. */
export const serverCases: readonly ContractCase[] = [
  [
    'the life of a FlexMetalServer',
    async (session) => {
      const path = `${servers(session)}/web-1`;
      const list = await session.get(servers(session));
      const meanwhile = async (): Promise<void> => {
        const created = await session.post(servers(session), { ...SERVER, status: { phase: 'Made up' } });
        const intent = { annotations: { 'flexmetal.i3d.net/order': '{}' }, finalizers: ['flexmetal.i3d.net/release'] };
        const held = await session.patch(path, { metadata: { resourceVersion: versionOf(created), ...intent } });
        const ready = {
          type: 'Ready',
          status: 'True',
          reason: 'Ready',
          message: 'delivered',
          lastTransitionTime: '2026-11-24T20:00:00Z',
        };
        const status = { observedGeneration: 1, phase: 'Ready', conditions: [ready], unknown: true };
        await session.patch(`${path}/status`, { metadata: { resourceVersion: versionOf(held) }, status });
        await session.patch(`${path}/status`, { metadata: { resourceVersion: versionOf(held) }, status });
        await session.patch(path, { spec: { tags: ['web', 'blue'] } });
        await session.delete(path);
        await session.patch(path, { metadata: { finalizers: [] } });
        await session.get(path);
      };
      await session.watch({
        path: `${servers(session)}?watch=true&resourceVersion=${versionOf(list)}`,
        meanwhile,
        lines: 6,
      });
    },
  ],
  [
    'a FlexMetalServer that is not one',
    async (session) => {
      await session.post(servers(session), { ...SERVER, spec: {} });
      await session.post(servers(session), { ...SERVER, spec: { ...SERVER.spec, os: {} } });
      await session.post(servers(session), { ...SERVER, spec: { ...SERVER.spec, tags: ['not a tag'] } });
      await session.post(servers(session), { ...SERVER, spec: { ...SERVER.spec, deletionPolicy: 'Forget' } });
    },
  ],
];
