/** Ranges that are not routed on the public Internet (RFC 1918, 6598, 3927, 4193, 4291). */
const PRIVATE = [
  /^10\./,
  /^192\.168\./,
  /^172\.(?:1[6-9]|2\d|3[01])\./,
  /^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^169\.254\./,
  /^127\./,
  /^f[cd]/i,
  /^fe[89ab]/i,
  /^::1$/,
];

/** Whether an IP address is public or not, in the words that a Node has for it. */
export const addressType = (address: string): 'InternalIP' | 'ExternalIP' =>
  PRIVATE.some((range) => range.test(address)) ? 'InternalIP' : 'ExternalIP';
