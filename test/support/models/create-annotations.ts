import type { ManagedObject, ModelCalls } from './calls.ts';
import { CallFailed, releaseRecorded } from './calls.ts';
import type { Model, Verdict } from './model.ts';

const NAME = 'crossplane.io/external-name';
const PENDING = 'crossplane.io/external-create-pending';
const SUCCEEDED = 'crossplane.io/external-create-succeeded';
const FAILED = 'crossplane.io/external-create-failed';

/** Say before the create that it is pending and after it how it went; go no further when that is not known. */
export const createAnnotations: Model = {
  name: 'pending, succeeded, failed',
  steps:
    'finalizer; annotation pending, guarded by the version; POST; annotation succeeded with the id, or failed on any error, five tries. Pending the newest: a person decides',
  source:
    'crossplane-runtime, managed reconciler (pkg/reconciler/managed/reconciler.go), for external names that the API assigns',
  recordOf: ({ annotations }) => annotations.get(NAME),
  reconcile: async (calls, object) => {
    // Stands before deletion in the original as well: an object in this state cannot go either.
    if (isIncomplete(object)) return 'person';
    const recorded = object.annotations.get(NAME);
    if (object.isDeleting) return releaseRecorded(calls, recorded);
    if (recorded !== undefined) return 'rest';
    return create(calls, object);
  },
};

async function create(calls: ModelCalls, object: ManagedObject): Promise<Verdict> {
  if (!object.hasFinalizer) {
    await calls.addFinalizer();
    return 'again';
  }
  // Counted up where the original writes the time: what matters is which of the three is the newest.
  const newest = String(latest(object) + 1);
  await calls.annotate({ [PENDING]: newest }, object.resourceVersion);
  const uuid = await ordered(calls);
  await calls.persistently(() =>
    calls.annotate(uuid === undefined ? { [FAILED]: newest } : { [NAME]: uuid, [SUCCEEDED]: newest }),
  );
  return uuid === undefined ? 'again' : 'rest';
}

/** undefined on any error: the original tells none from another here. */
async function ordered(calls: ModelCalls): Promise<string | undefined> {
  try {
    return await calls.order();
  } catch (error) {
    if (error instanceof CallFailed) return undefined;
    throw error;
  }
}

const stamp = ({ annotations }: ManagedObject, name: string): number => Number(annotations.get(name) ?? 0);

const latest = (object: ManagedObject): number =>
  Math.max(stamp(object, PENDING), stamp(object, SUCCEEDED), stamp(object, FAILED));

const isIncomplete = (object: ManagedObject): boolean =>
  stamp(object, PENDING) > Math.max(stamp(object, SUCCEEDED), stamp(object, FAILED));
