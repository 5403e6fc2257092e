import type { SchemaRule } from '../schema/building-blocks.ts';

/** One line in the form of OpenSSH: type, base64, and perhaps a comment. */
const PUBLIC_KEY = /^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}( [^\r\n]*)?$/;

/** What makes a text a public key that may be sent. */
export const PUBLIC_KEY_RULES: readonly SchemaRule<string>[] = [
  {
    cel: "!self.contains('PRIVATE KEY')",
    holds: (text) => !text.includes('PRIVATE KEY'),
    message:
      'this is a private key: put the public key here (the file that ends in .pub), and replace the private key, for it has been shown to this cluster',
  },
  {
    cel: `self.contains('PRIVATE KEY') || self.matches('${PUBLIC_KEY.source.replaceAll('\\', '\\\\')}')`,
    holds: (text) => text.includes('PRIVATE KEY') || PUBLIC_KEY.test(text),
    message: 'give the public key on one line as OpenSSH writes it, for instance: ssh-ed25519 AAAA… comment',
  },
];

/** Why a text is no public key, for keys that come from a Secret or ConfigMap; undefined when it is one. The text itself is never in the answer. */
export const publicKeyProblem = (text: string): string | undefined =>
  PUBLIC_KEY_RULES.find((rule) => !rule.holds(text))?.message;
