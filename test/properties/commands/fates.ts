import * as z from 'zod';
import type { FaultRuleInput } from '../../../src/simulator/faults.ts';

const THE_API_SAYS_NO = { kind: 'error', status: 504, body: 'html' } as const;

const FATES = {
  takenUnclear: { commit: 'now', answer: THE_API_SAYS_NO },
  lostUnclear: { commit: 'never', answer: { kind: 'hang' } },
  takenLate: { commit: { after: '4m' }, answer: { kind: 'hang' } },
  refused: { answer: { kind: 'error', status: 422, body: 'api', message: 'no' } },
  toFail: { delivery: { kind: 'fails' } },
  toFailLater: { delivery: { kind: 'failsLater', after: '5m' } },
  toStick: { delivery: { kind: 'sticks' } },
  toLackAddresses: { delivery: { kind: 'lacksAddresses', after: '2m' } },
} as const satisfies Record<string, FaultRuleInput['do']>;

/** What comes of an order, when it is not what usually does. */
export const OrderFate = z.strictObject({
  /** The how-manieth order of the operator, from 1. */
  nth: z.int().positive(),
  is: z.enum([
    'takenUnclear',
    'lostUnclear',
    'takenLate',
    'refused',
    'toFail',
    'toFailLater',
    'toStick',
    'toLackAddresses',
  ] satisfies (keyof typeof FATES)[]),
});
export type OrderFate = z.infer<typeof OrderFate>;

/** On every order of the operator; so what is to become of its orders strikes no other. */
export const OPERATORS_ORDER = 'flexmetal-operator:v1';

export const fateOf = ({ nth, is }: OrderFate): FaultRuleInput => ({
  match: { operation: 'createFlexMetalServer', tag: OPERATORS_ORDER, nth },
  do: FATES[is],
});
