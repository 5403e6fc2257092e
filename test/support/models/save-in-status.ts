import { releaseRecorded } from './calls.ts';
import type { Model } from './model.ts';

/** Create, then save the id with the status, as the pass ends. */
export const saveInStatus: Model = {
  name: 'create, then save the id in status',
  steps: 'finalizer; POST; id into status. Without an id in status: POST',
  source: 'Java Operator SDK, documentation “Patterns and best practices”, state of external resources kept in status',
  recordOf: ({ serverUuid }) => serverUuid,
  reconcile: async (calls, object) => {
    if (object.isDeleting) return releaseRecorded(calls, object.serverUuid);
    if (object.serverUuid !== undefined) return 'rest';
    if (!object.hasFinalizer) await calls.addFinalizer();
    await calls.recordInStatus(await calls.order());
    return 'rest';
  },
};
