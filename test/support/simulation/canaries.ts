/** Texts that must never be seen outside the order itself: in no log line, event, status, annotation or metric. */
export const CANARIES = {
  token: 'canary-token-8c1f0a9b7d',
  script: '#!/bin/sh\necho canary-script-51fe02',
  kernelParam: 'canary-kernel-param-77aa31',
} as const;

/** What to look for: parts that survive quoting. */
export const CANARY_TEXTS: readonly string[] = [
  CANARIES.token,
  'canary-script-51fe02',
  CANARIES.kernelParam,
  Buffer.from(CANARIES.script).toString('base64'),
];
