import { ACCOUNT } from './scenarios/account.ts';
import { AGAIN } from './scenarios/again.ts';
import { ANSWERS } from './scenarios/answers.ts';
import { CROWDS } from './scenarios/crowds.ts';
import { DELETION } from './scenarios/deletion.ts';
import { GUARDS } from './scenarios/guards.ts';
import { MODES } from './scenarios/modes.ts';
import { ORDERS } from './scenarios/orders.ts';
import type { Scenario, Scenarios } from './scenarios/scenario.ts';
import { TAGS } from './scenarios/tags.ts';

export type { Scenario } from './scenarios/scenario.ts';
export { aServer, SECRET } from './scenarios/user.ts';

export const SCENARIOS: Scenarios = {
  ...ORDERS,
  ...DELETION,
  ...TAGS,
  ...AGAIN,
  ...ANSWERS,
  ...ACCOUNT,
  ...MODES,
  ...GUARDS,
  ...CROWDS,
};

export function scenarioOf(name: string): Scenario {
  const scenario = SCENARIOS[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}; there are: ${Object.keys(SCENARIOS).join(', ')}`);
  return scenario;
}
