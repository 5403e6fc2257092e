import type { HappeningKind } from './happening.ts';

/** Twice the goal of 10,000 objects. The subject not told about for longest is forgotten first; then its news is told again, no worse. */
const SUBJECTS_MAX = 20_000;
/** Objects need a handful; the operator itself one for each orphan. */
const SLOTS_MAX = 2_000;

/** What was told about whom, so that it is not told again. Bounded. */
export interface ToldMemory {
  /** Whether this is news; remembers it. `per` tells several states of one kind apart, `facts` is what may change in one. */
  isNew(subject: string, kind: HappeningKind, per: string, facts: string): boolean;
  /** Everything of this kind is over; true when there was something. */
  end(subject: string, kind: HappeningKind): boolean;
  /** Of these kinds only `kept` still hold. */
  keepOnly(subject: string, kinds: readonly HappeningKind[], kept: readonly Slot[]): void;
  forget(subject: string): void;
}

interface Slot {
  readonly kind: HappeningKind;
  readonly per: string;
}

export function createToldMemory(): ToldMemory {
  const subjects = new Map<string, Map<string, { readonly kind: HappeningKind; readonly facts: string }>>();

  return {
    isNew(subject, kind, per, facts) {
      const slots = subjects.get(subject) ?? new Map();
      const slot = nameOf({ kind, per });
      if (slots.get(slot)?.facts === facts) return false;
      renew(slots, slot, { kind, facts }, SLOTS_MAX);
      renew(subjects, subject, slots, SUBJECTS_MAX);
      return true;
    },
    end(subject, kind) {
      const slots = subjects.get(subject);
      if (slots === undefined) return false;
      const over = [...slots].filter(([, told]) => told.kind === kind);
      for (const [slot] of over) slots.delete(slot);
      return over.length > 0;
    },
    keepOnly(subject, kinds, kept) {
      const slots = subjects.get(subject);
      if (slots === undefined) return;
      const names = new Set(kept.map(nameOf));
      for (const [slot, told] of slots) {
        if (kinds.includes(told.kind) && !names.has(slot)) slots.delete(slot);
      }
    },
    forget(subject) {
      subjects.delete(subject);
    },
  };
}

const nameOf = (slot: Slot): string => `${slot.kind} ${slot.per}`;

/** Sets the entry as the newest and drops the oldest one beyond the limit. */
function renew<K, V>(entries: Map<K, V>, key: K, value: V, max: number): void {
  entries.delete(key);
  entries.set(key, value);
  const oldest = entries.keys().next();
  if (entries.size > max && oldest.done !== true) entries.delete(oldest.value);
}
