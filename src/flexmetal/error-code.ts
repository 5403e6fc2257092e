/** The error code of the system, TLS or undici; the error's name when it has none. Never its message, which may quote a header. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
