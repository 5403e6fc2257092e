import type { Session } from './session.ts';
import { createCases } from './create-cases.ts';
import { deleteCases } from './delete-cases.ts';
import { builtinCases } from './builtin-cases.ts';
import { patchCases } from './patch-cases.ts';
import { readCases } from './read-cases.ts';
import { replaceCases } from './replace-cases.ts';
import { serverCases } from './server-cases.ts';
import { statusCases } from './status-cases.ts';
import { watchCases } from './watch-cases.ts';

/** A name in words, and the requests. */
export type ContractCase = readonly [name: string, run: (session: Session) => Promise<void>];

/** What an operator sees of an API server, request by request. */
export const CONTRACT_CASES: readonly ContractCase[] = [
  ...createCases,
  ...patchCases,
  ...statusCases,
  ...replaceCases,
  ...deleteCases,
  ...readCases,
  ...watchCases,
  ...builtinCases,
  ...serverCases,
];
