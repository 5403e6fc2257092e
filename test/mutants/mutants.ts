import { BELIEVING } from './believing.ts';
import { LEADING } from './leading.ts';
import type { Mutant } from './mutant.ts';
import { ORDERING } from './ordering.ts';
import { RELEASING } from './releasing.ts';
import { SETTLING } from './settling.ts';

/** Every deliberate mistake that the sweep must notice. */
export const MUTANTS: readonly Mutant[] = [...ORDERING, ...SETTLING, ...BELIEVING, ...RELEASING, ...LEADING];

/** @throws when there is no such mutant */
export function mutantOf(name: string): Mutant {
  const mutant = MUTANTS.find((candidate) => candidate.name === name);
  if (mutant === undefined)
    throw new TypeError(`there is no mutant "${name}"; there are ${MUTANTS.map((known) => known.name).join(', ')}`);
  return mutant;
}
