import type { ErrorCode } from './error-codes.ts';

/** What an operation truly answers, before any fault. `body` is JSON text or empty. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A problem with one property of a request. */
export interface Problem {
  readonly property: string;
  readonly message: string;
}

export const ok = (items: readonly unknown[]): Answer => ({ status: 200, body: JSON.stringify(items) });

/** Rows that are JSON text already: lists of a thousand servers are asked for all the time. */
export const okRows = (rows: readonly string[]): Answer => ({ status: 200, body: `[${rows.join(',')}]` });

export const noContent: Answer = { status: 204, body: '' };

/** The API's own error body. */
export const refusal = (
  status: number,
  errorCode: ErrorCode,
  errorMessage: string,
  errors: readonly Problem[] = [],
): Answer => ({
  status,
  body: JSON.stringify({ errorCode, errorMessage, errors }),
});
