import type { ContractCase } from './cases.ts';
import type { Session } from './session.ts';
import { versionOf } from './session.ts';

const leases = (session: Session): string => `/apis/coordination.k8s.io/v1/namespaces/${session.namespace}/leases`;
const events = (session: Session): string => `/apis/events.k8s.io/v1/namespaces/${session.namespace}/events`;
const core = (session: Session, plural: string): string => `/api/v1/namespaces/${session.namespace}/${plural}`;

const aLease = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'leader', ...metadata },
  spec,
});

const HELD = {
  holderIdentity: 'one',
  leaseDurationSeconds: 15,
  acquireTime: '2026-11-24T20:00:00.123456Z',
  renewTime: '2026-11-24T20:00:00.500000Z',
  leaseTransitions: 0,
};

const anEvent = (session: Session, more: object = {}): object => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'one.1' },
  eventTime: '2026-11-24T20:00:00.000000Z',
  reportingController: 'example.com/operator',
  reportingInstance: 'operator-1',
  action: 'Order',
  reason: 'Ordered',
  regarding: { apiVersion: 'contract.example.com/v1', kind: 'Sample', namespace: session.namespace, name: 'one' },
  note: 'a server was ordered',
  type: 'Normal',
  ...more,
});

export const builtinCases: readonly ContractCase[] = [
  [
    'a lease is taken, renewed and lost by version',
    async (session) => {
      const first = await session.post(leases(session), aLease(HELD));
      const renewed = aLease(
        { ...HELD, renewTime: '2026-11-24T20:00:10.000000Z' },
        { resourceVersion: versionOf(first) },
      );
      await session.put(`${leases(session)}/leader`, renewed);
      await session.put(`${leases(session)}/leader`, renewed);
      await session.put(`${leases(session)}/leader`, aLease(HELD));
      await session.get(`${leases(session)}/leader`);
      await session.get(leases(session));
    },
  ],
  [
    'a lease is released by a patch',
    async (session) => {
      const first = await session.post(leases(session), aLease(HELD));
      const path = `${leases(session)}/leader`;
      const release = {
        metadata: { resourceVersion: versionOf(first) },
        spec: { holderIdentity: '', renewTime: null },
      };
      await session.patch(path, release);
      await session.patch(path, release);
      await session.delete(path);
    },
  ],
  [
    'a lease must make sense',
    async (session) => {
      await session.post(leases(session), aLease({ ...HELD, leaseDurationSeconds: 0 }));
      await session.post(leases(session), aLease({ ...HELD, leaseTransitions: -1 }));
      await session.post(leases(session), aLease({ ...HELD, leaseDurationSeconds: 'long' }));
      await session.post(leases(session), aLease({ ...HELD, renewTime: '2026-11-24T20:00:00Z' }));
      await session.post(leases(session), aLease({ ...HELD, renewTime: '2026-11-24T20:00:00.5Z' }));
      await session.post(leases(session), aLease({ ...HELD, other: 1 }));
      await session.post(leases(session), aLease({ ...HELD }));
    },
  ],
  [
    'a PUT creates a lease that is not there',
    async (session) => {
      await session.put(`${leases(session)}/leader`, aLease(HELD));
      await session.get(`${leases(session)}/leader`);
    },
  ],
  [
    'a watch over leases',
    async (session) => {
      const list = await session.get(leases(session));
      const meanwhile = async (): Promise<void> => {
        await session.post(leases(session), aLease(HELD));
        await session.patch(`${leases(session)}/leader`, { spec: { leaseTransitions: 1 } });
        await session.delete(`${leases(session)}/leader`);
      };
      await session.watch({
        path: `${leases(session)}?watch=true&resourceVersion=${versionOf(list)}`,
        meanwhile,
        lines: 3,
      });
    },
  ],
  [
    'an event is written once and counted up',
    async (session) => {
      await session.post(events(session), anEvent(session));
      const path = `${events(session)}/one.1`;
      await session.patch(path, { series: { count: 2, lastObservedTime: '2026-11-24T20:01:00.000000Z' } });
      await session.patch(path, { series: { count: 3, lastObservedTime: '2026-11-24T20:02:00.000000Z' } });
      await session.patch(path, { series: { count: 1, lastObservedTime: '2026-11-24T20:03:00.000000Z' } });
      await session.patch(path, { note: 'something else' });
      await session.patch(path, { regarding: { name: 'two' }, reason: 'Other', action: 'Other' });
    },
  ],
  [
    'an event must say who, what and about whom',
    async (session) => {
      await session.post(events(session), anEvent(session, { eventTime: null }));
      await session.post(events(session), anEvent(session, { reportingController: '' }));
      await session.post(events(session), anEvent(session, { reportingController: 'not a name' }));
      await session.post(events(session), anEvent(session, { reportingInstance: 'x'.repeat(129) }));
      await session.post(events(session), anEvent(session, { action: '', reason: '' }));
      await session.post(events(session), anEvent(session, { note: 'x'.repeat(1_025) }));
      await session.post(events(session), anEvent(session, { type: 'Other' }));
      await session.post(
        events(session),
        anEvent(session, { regarding: { kind: 'Sample', namespace: 'default', name: 'one' } }),
      );
      await session.post(events(session), anEvent(session, { series: { count: 1 } }));
    },
  ],
  [
    'secrets and config maps',
    async (session) => {
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'keys' },
        stringData: { key: 'text' },
        data: { raw: 'AAE=' },
      };
      await session.post(core(session, 'secrets'), secret);
      await session.patch(`${core(session, 'secrets')}/keys`, { stringData: { key: 'other' } });
      await session.put(`${core(session, 'secrets')}/keys`, { ...secret, metadata: { name: 'keys' } });
      await session.patch(`${core(session, 'secrets')}/keys`, { data: { raw: null } });
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: 'b' }, other: 1 };
      await session.post(core(session, 'configmaps'), map);
      await session.post(core(session, 'configmaps'), { ...map, metadata: { name: 'wrong' }, data: { a: 5 } });
      await session.patch(`${core(session, 'configmaps')}/settings`, { immutable: true });
      await session.patch(`${core(session, 'configmaps')}/settings`, { data: { a: 'c' } });
      await session.delete(`${core(session, 'configmaps')}/settings`);
      await session.get(`${core(session, 'secrets')}/missing`);
    },
  ],
  [
    'the cluster is known by the namespace kube-system',
    async (session) => {
      await session.get('/api/v1/namespaces/kube-system');
      await session.get('/api/v1/namespaces/no-such-namespace');
    },
  ],
];
