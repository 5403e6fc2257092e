import type { Random } from '../../src/base/random.ts';
import type { FaultRuleInput } from '../../src/simulator/faults.ts';
import { between, chance, pick } from './dice.ts';

/** What goes wrong at the vendor for some seconds: rules for the simulator. Empty: all is well. */
export type Weather = readonly FaultRuleInput[];

const CLEAR = 0.2;
const TROUBLES_MOST = 5;

/** Draws the weather of the next seconds. */
export function drawWeather(random: Random): Weather {
  if (chance(random, CLEAR)) return [];
  const troubles = Array.from({ length: Math.round(between(random, 1, TROUBLES_MOST)) }, () => pick(random, TROUBLES));
  return [...new Set(troubles)].map(({ id, probability, operation, method, does }) => ({
    id,
    match: {
      ...(operation === undefined ? {} : { operation }),
      ...(method === undefined ? {} : { method }),
      ...(probability === 1 ? {} : { probability }),
    },
    do: does,
  }));
}

interface Trouble {
  readonly id: string;
  /** Of each matching request to be hit. */
  readonly probability: number;
  readonly operation?: NonNullable<FaultRuleInput['match']>['operation'];
  readonly method?: NonNullable<FaultRuleInput['match']>['method'];
  readonly does: FaultRuleInput['do'];
}

const ORDER = { operation: 'createFlexMetalServer', probability: 0.3 } as const;
const LIST = { operation: 'getFlexMetalServers', probability: 0.15 } as const;
const READ = { operation: 'getFlexMetalServer', probability: 0.3 } as const;
const RELEASE = { operation: 'deleteFlexMetalServer', probability: 0.3 } as const;
const TAG = { operation: 'createFlexMetalServerTag', probability: 0.3 } as const;
const UNTAG = { operation: 'deleteFlexMetalServerTag', probability: 0.3 } as const;
const ALL = { probability: 1 } as const;

/**
 * Every sort of wrong that the operator is built for. Orders take effect, and show in lists, within the time that the soak gives them
 * (order time-out and settle window, see settings.ts): what is promised ends there.
 */
const TROUBLES: readonly Trouble[] = [
  { id: 'order-bad-gateway', ...ORDER, does: { answer: { kind: 'error', status: 502, body: 'html' } } },
  { id: 'order-error-done', ...ORDER, does: { commit: 'now', answer: { kind: 'error', status: 500 } } },
  { id: 'order-conflict-done', ...ORDER, does: { commit: 'now', answer: { kind: 'error', status: 409 } } },
  { id: 'order-refused', ...ORDER, probability: 0.1, does: { answer: { kind: 'error', status: 422 } } },
  { id: 'order-reset-done', ...ORDER, does: { answer: { kind: 'reset' } } },
  { id: 'order-reset-undone', ...ORDER, does: { commit: 'never', answer: { kind: 'reset' } } },
  { id: 'order-reset-in-body', ...ORDER, does: { answer: { kind: 'reset', within: 'body' } } },
  { id: 'order-hangs-done', ...ORDER, probability: 0.1, does: { answer: { kind: 'hang' } } },
  { id: 'order-hangs-undone', ...ORDER, probability: 0.1, does: { commit: 'never', answer: { kind: 'hang' } } },
  {
    id: 'order-late',
    ...ORDER,
    does: { commit: { after: '10s' }, answer: { kind: 'error', status: 504, body: 'html' } },
  },
  { id: 'order-slow-answer', ...ORDER, does: { replyAfter: '4s' } },
  { id: 'order-slow-body', ...ORDER, does: { answer: { kind: 'slow', bytes: 40, every: '100ms' } } },
  { id: 'order-half-a-body', ...ORDER, does: { answer: { kind: 'truncate' } } },
  { id: 'order-without-uuid', ...ORDER, does: { answer: { kind: 'spoil', how: 'noUuid' } } },
  { id: 'order-rate-limited', ...ORDER, does: { answer: { kind: 'rateLimit', wait: '2s' } } },
  { id: 'delivery-fails', ...ORDER, probability: 0.05, does: { delivery: { kind: 'fails' } } },
  { id: 'delivery-fails-later', ...ORDER, probability: 0.05, does: { delivery: { kind: 'failsLater', after: '30m' } } },
  { id: 'delivery-lacks-addresses', ...ORDER, does: { delivery: { kind: 'lacksAddresses', after: '5m' } } },
  { id: 'list-error', ...LIST, does: { answer: { kind: 'error', status: 500 } } },
  { id: 'list-unavailable', ...LIST, does: { answer: { kind: 'error', status: 503, body: 'html' } } },
  { id: 'list-rate-limited', ...LIST, does: { answer: { kind: 'rateLimit', retryAfter: 'date', wait: '3s' } } },
  { id: 'list-rate-limited-oddly', ...LIST, does: { answer: { kind: 'rateLimit', retryAfter: 'nonsense' } } },
  { id: 'list-redirect', ...LIST, does: { answer: { kind: 'redirect' } } },
  { id: 'list-hangs', ...LIST, probability: 0.05, does: { answer: { kind: 'hang' } } },
  { id: 'list-reset', ...LIST, does: { answer: { kind: 'reset' } } },
  { id: 'list-half-a-body', ...LIST, does: { answer: { kind: 'truncate' } } },
  { id: 'list-slow-body', ...LIST, does: { answer: { kind: 'slow', bytes: 4_000, every: '100ms' } } },
  { id: 'list-half-json', ...LIST, does: { answer: { kind: 'spoil', how: 'halfJson' } } },
  { id: 'list-wrong-types', ...LIST, does: { answer: { kind: 'spoil', how: 'wrongTypes' } } },
  { id: 'list-nested-deep', ...LIST, does: { answer: { kind: 'spoil', how: 'deep' } } },
  { id: 'list-shifted', ...LIST, does: { answer: { kind: 'page', shift: 3 } } },
  { id: 'list-repeated', ...LIST, does: { answer: { kind: 'page', duplicates: 2 } } },
  { id: 'list-always-first-page', ...LIST, does: { answer: { kind: 'page', ignoreRange: true } } },
  { id: 'list-lags', ...LIST, probability: 1, does: { answer: { kind: 'page', lag: '6s' } } },
  { id: 'read-error', ...READ, does: { answer: { kind: 'error', status: 500 } } },
  { id: 'read-reset', ...READ, does: { answer: { kind: 'reset' } } },
  { id: 'release-error-done', ...RELEASE, does: { commit: 'now', answer: { kind: 'error', status: 500 } } },
  { id: 'release-error-undone', ...RELEASE, does: { answer: { kind: 'error', status: 503, body: 'html' } } },
  { id: 'release-reset-done', ...RELEASE, does: { answer: { kind: 'reset' } } },
  { id: 'release-reset-undone', ...RELEASE, does: { commit: 'never', answer: { kind: 'reset' } } },
  { id: 'release-hangs', ...RELEASE, probability: 0.1, does: { answer: { kind: 'hang' } } },
  {
    id: 'release-late',
    ...RELEASE,
    does: { commit: { after: '8s' }, answer: { kind: 'error', status: 504, body: 'html' } },
  },
  { id: 'tag-error', ...TAG, does: { answer: { kind: 'error', status: 500 } } },
  { id: 'tag-reset', ...TAG, does: { answer: { kind: 'reset' } } },
  { id: 'untag-error', ...UNTAG, does: { answer: { kind: 'error', status: 502, body: 'html' } } },
  { id: 'all-rate-limited', ...ALL, probability: 0.3, does: { answer: { kind: 'rateLimit', wait: '1s' } } },
  { id: 'all-down', ...ALL, does: { answer: { kind: 'error', status: 503, body: 'empty' } } },
  { id: 'all-reset', ...ALL, does: { commit: 'never', answer: { kind: 'reset' } } },
  { id: 'all-slow', ...ALL, does: { replyAfter: '1500ms' } },
  { id: 'all-forbidden', ...ALL, does: { answer: { kind: 'error', status: 403 } } },
];

/** Names of all faults that there are. */
export const TROUBLE_IDS = TROUBLES.map(({ id }) => id);
