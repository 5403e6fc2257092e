import type { Instant } from '../base/time.ts';

/** metav1.MicroTime: RFC 3339 with exactly six digits, which the API server demands (`2026-11-24T20:07:00.123000Z`). */
export const formatMicroTime = (at: Instant): string => new Date(at).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
