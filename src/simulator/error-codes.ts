/**
 * Error codes in the API's error bodies. 10001, 90001 and 90002 are the vendor's (the latter two of a sister API);
 * the vendor publishes no list, so the rest are the simulator's own and clients must not decide by them.
 */
export const ERROR_CODE = {
  notFound: 10_001,
  invalidCredentials: 10_003,
  methodNotAllowed: 10_005,
  invalidBody: 20_001,
  invalidValue: 20_002,
  duplicate: 20_003,
  quotaExceeded: 30_001,
  contractExhausted: 30_002,
  outOfStock: 30_003,
  inTransition: 90_001,
  ended: 90_002,
} as const satisfies Record<string, number>;

export type ErrorCode = number;
