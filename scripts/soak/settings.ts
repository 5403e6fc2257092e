import type { WorldConfigInput } from '../../src/simulator/config.ts';

/**
 * Times that let much happen in a soak and are within what is promised: an order takes effect after 10 s at the latest and shows in
 * lists 8 s later, well within order time-out plus settle window.
 */
export const OPERATOR_FLAGS = {
  'poll-interval-moving': '2s',
  'poll-interval-still': '5s',
  'requests-per-second': '200',
  'request-burst': '200',
  'request-timeout': '5s',
  'order-timeout': '10s',
  'settle-window': '15s',
  'shutdown-grace': '30s',
  'servers-max': '1000000',
  'orders-per-hour-max': '1000000',
  workers: '8',
  // Longer than a restart of the API server takes on a busy machine.
  'lease-duration': '40s',
  'lease-renew-deadline': '30s',
  'lease-retry-period': '2s',
} as const;

/** A heap as in a pod with a limit. Without one Node lets garbage lie as long as the machine has room, and memory says nothing. */
export const OPERATOR_NODE_OPTIONS = '--max-old-space-size=192 --max-semi-space-size=8';

/** A delivery takes 14 s, and what has ended leaves the lists after two minutes, so that these do not grow without end. */
export const world = (seed: number): WorldConfigInput => ({
  seed,
  timeScale: 60,
  delivery: { takes: '843s', jitter: 0.3 },
  release: { takes: '120s', jitter: 0.5 },
  visibility: { lag: '1s' },
  manners: { deliverySteps: 'few', endedVanishAfter: '2m' },
});
