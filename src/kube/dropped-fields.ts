import { isJsonObject } from './object.ts';

/** So deep a field is named; what lies below may hold keys of users. */
const NAMED_DEPTH = 2;

/**
 * Fields that the API server drops from what is written: the schema it holds does not know them, because the CRD is older than
 * this program. A field counts until a later write shows that it is kept.
 */
export class DroppedFields {
  readonly #fields = new Set<string>();

  /** In the order of the alphabet, at most two levels deep, such as `order.revision`. */
  get fields(): readonly string[] {
    return [...this.#fields].toSorted();
  }

  /**
   * @param sent a merge patch; what it deletes (null) is passed over
   * @param kept the same part of the object as the API server answered it
   */
  seen(sent: unknown, kept: unknown): void {
    const whole = new Map<string, boolean>();
    for (const { field, isKept } of compared(sent, kept, [])) whole.set(field, (whole.get(field) ?? true) && isKept);
    for (const [field, isKept] of whole) {
      if (isKept) this.#fields.delete(field);
      else this.#fields.add(field);
    }
  }
}

interface Compared {
  readonly field: string;
  readonly isKept: boolean;
}

/** Bounded by what was sent, which the schema of the status bounds. */
function compared(sent: unknown, kept: unknown, path: readonly string[]): readonly Compared[] {
  if (sent === null || sent === undefined) return [];
  const field = path.slice(0, NAMED_DEPTH).join('.');
  if (kept === undefined) return [{ field, isKept: false }];
  if (Array.isArray(sent))
    return sent.flatMap((item, index) => compared(item, Array.isArray(kept) ? kept[index] : undefined, path));
  if (!isJsonObject(sent)) return [{ field, isKept: true }];
  return Object.entries(sent).flatMap(([name, value]) =>
    compared(value, isJsonObject(kept) ? kept[name] : undefined, [...path, name]),
  );
}
