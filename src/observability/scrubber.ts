import type { Secret } from '../base/secret.ts';

/** Shorter texts would blot out innocent words; the vendor's keys are far longer. */
const SECRET_LENGTH_MIN = 6;
/** Tokens rotate and scripts come and go; the oldest is forgotten first, and registering again makes it the newest. */
const SECRETS_MAX = 512;

export const SCRUBBED = '[secret]';

/** Knows secret texts and takes them out of what is about to leave the process. The last line of defence behind `Secret`. */
export interface Scrubber {
  /** From now on the text is taken out, also where it is JSON-escaped, URL-encoded or in Base64. */
  registerSecret(secret: Secret): void;
  scrub(text: string): string;
}

export function createScrubber(): Scrubber {
  const formsOf = new Map<string, readonly string[]>();
  return {
    registerSecret(secret) {
      const text = secret.reveal().trim();
      if (text.length < SECRET_LENGTH_MIN) return;
      formsOf.delete(text);
      formsOf.set(text, spellings(text));
      const [oldest] = formsOf.keys();
      if (formsOf.size > SECRETS_MAX && oldest !== undefined) formsOf.delete(oldest);
    },
    scrub(text) {
      let scrubbed = text;
      for (const forms of formsOf.values()) {
        for (const form of forms) scrubbed = scrubbed.replaceAll(form, SCRUBBED);
      }
      return scrubbed;
    },
  };
}

/** Longest first, so that no spelling leaves the rest of a longer one behind. */
function spellings(text: string): readonly string[] {
  const escaped = JSON.stringify(text).slice(1, -1);
  // JSON within JSON, as when a request's body stands in a line's field.
  const escapedTwice = JSON.stringify(escaped).slice(1, -1);
  // Without its last group and padding, which depend on what follows.
  const base64 = Buffer.from(text)
    .toString('base64')
    .replace(/.{0,3}={1,2}$/, '');
  const encoded = encodeURIComponent(text.toWellFormed());
  const all = new Set(
    [text, escaped, escapedTwice, encoded, base64].filter((form) => form.length >= SECRET_LENGTH_MIN),
  );
  return [...all].toSorted((left, right) => right.length - left.length);
}
