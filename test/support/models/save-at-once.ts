import { releaseRecorded } from './calls.ts';
import type { Model } from './model.ts';

const NAME = 'model.example/external-name';

/** Create, then save the id at once by a write of its own that is tried several times. */
export const saveAtOnce: Model = {
  name: 'create, then save the id at once',
  steps: 'finalizer; POST; id into an annotation, in a write of its own with five tries. Without an id: POST',
  source:
    'crossplane-runtime before its external-create annotations: the external-name annotation, as its pull request “Track resources that are pending external name assignment” describes it',
  recordOf: ({ annotations }) => annotations.get(NAME),
  reconcile: async (calls, object) => {
    const recorded = object.annotations.get(NAME);
    if (object.isDeleting) return releaseRecorded(calls, recorded);
    if (recorded !== undefined) return 'rest';
    if (!object.hasFinalizer) await calls.addFinalizer();
    const uuid = await calls.order();
    await calls.persistently(() => calls.annotate({ [NAME]: uuid }));
    return 'rest';
  },
};
