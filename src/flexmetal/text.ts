import { clip } from '../resources/flexmetalserver/bounds.ts';
import type { Secret } from '../base/secret.ts';

/** Makes a text of the vendor fit for status, events and logs. */
export type Clean = (text: string, max: number) => string;

/** For messages to people. */
export const MESSAGE_MAX = 300;

/** Shorter texts are no secrets worth hiding, and blanking them would garble every message. */
const SECRET_LENGTH_MIN = 8;

// Controls, line separators, and the format characters that hide or reverse what stands beside them in a terminal.
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** Strips control characters, joins lone surrogates into something that JSON and YAML can carry, and clips. A cut text ends in `…`. */
export const clean: Clean = (text, max) => {
  // Clipped first as well: no text of megabytes is worth a pass over all of it.
  const beginning = text.slice(0, max * 8);
  const readable = beginning.toWellFormed().replaceAll(CONTROL, ' ').replaceAll(/ {2,}/g, ' ').trim();
  // What follows must not be lost without a trace, however many blanks stand before it: `released` would be another word.
  return clip(beginning.length < text.length ? `${readable}…` : readable, max);
};

/**
 * A `Clean` that also blanks these secrets: an API may quote in its answer what it was sent.
 * Of a secret of several lines each line counts, since a message may quote only one.
 */
export function cleanOf(secrets: readonly Secret[]): Clean {
  const hidden = secrets
    .flatMap((secret) => [secret.reveal(), ...secret.reveal().split('\n')])
    .map((text) => text.trim())
    .filter((text) => text.length >= SECRET_LENGTH_MIN)
    .toSorted((left, right) => right.length - left.length);
  if (hidden.length === 0) return clean;
  return (text, max) => {
    let open = text.slice(0, max * 8 + LONGEST_SECRET);
    for (const secret of hidden) open = open.replaceAll(secret, '[secret]');
    return clean(open, max);
  };
}

/** A post-install script of 64 KiB: so much is looked at beyond what will be shown, so that none is cut in half unseen. */
const LONGEST_SECRET = 65_536;
