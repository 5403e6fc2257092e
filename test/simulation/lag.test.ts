import { expect, test } from 'vitest';
import { minutes } from '../../src/base/time.ts';
import { doublesAt } from '../support/models/lag.ts';
import { lifeOfOperator } from '../support/models/life.ts';

/** Order time-out and settle window are eight minutes together: the class of runs for which one server is promised ends there. */
test.each([
  ['one server', 6, 0],
  ['two servers, as the documentation says', 16, 3],
])('an order that is lost sight of comes to %s when lists show it after %i minutes', async (_what, delay, doubles) => {
  expect(await doublesAt(lifeOfOperator, minutes(delay), [1])).toEqual({ runs: 3, doubles });
});
