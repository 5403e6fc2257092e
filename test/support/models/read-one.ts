import { releaseRecorded } from './calls.ts';
import type { Model } from './model.ts';

/** Read the resource by its id; not found, or no id yet, means create. An error is dropped and the object queued again. */
export const readOne: Model = {
  name: 'read one, else create',
  steps: 'read by the id in status; no id or not found: finalizer; POST; id into status',
  source:
    'AWS Controllers for Kubernetes, runtime (pkg/runtime/reconciler.go) and generated sdkFind, for ids that the API assigns',
  recordOf: ({ serverUuid }) => serverUuid,
  reconcile: async (calls, object) => {
    const { serverUuid, isDeleting } = object;
    if (isDeleting) return releaseRecorded(calls, serverUuid);
    const observed = serverUuid === undefined ? undefined : await calls.server(serverUuid);
    if (observed !== undefined) return 'rest';
    if (!object.hasFinalizer) await calls.addFinalizer();
    await calls.recordInStatus(await calls.order());
    return 'again';
  },
};
