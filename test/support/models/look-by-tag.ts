import type { ManagedObject, ModelCalls } from './calls.ts';
import { isLive, releaseRecorded } from './calls.ts';
import type { Model } from './model.ts';

/** Without an id, look for a server with the object's tag in the list; when there is none, create. There is no window. */
export const lookByTag: Model = {
  name: 'look by tag, else create',
  steps: 'finalizer; without an id look in the list for the own tag; none there: POST with the tag; id into status',
  source: 'Cluster API Provider AWS, AWSMachine controller (findInstance: by provider id, else by tags; then create)',
  recordOf: ({ serverUuid }) => serverUuid,
  reconcile: async (calls, object) => {
    if (object.isDeleting) return releaseRecorded(calls, object.serverUuid ?? (await found(calls, object)));
    if (object.serverUuid !== undefined) return 'rest';
    if (!object.hasFinalizer) await calls.addFinalizer();
    await calls.recordInStatus((await found(calls, object)) ?? (await calls.order([tagOf(object)])));
    return 'rest';
  },
};

const tagOf = ({ uid }: ManagedObject): string => `owner:${uid}`;

async function found(calls: ModelCalls, object: ManagedObject): Promise<string | undefined> {
  const servers = await calls.servers();
  return servers.find((server) => isLive(server) && server.tags.includes(tagOf(object)))?.uuid;
}
