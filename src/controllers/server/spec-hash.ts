import { canonicalJson, sha256Hex } from '../../base/hash.ts';
import type { FlexMetalServerSpec } from '../../resources/flexmetalserver/schema.ts';

/** Names everything in a spec that an order depends on: 16 hex digits. Tags and policies may change without another order. */
export function specHash(spec: FlexMetalServerSpec): string {
  const { name, location, instanceType, os, sshKeys, postInstallScript, contractId, overflow } = spec;
  return sha256Hex(
    canonicalJson({ name, location, instanceType, os, sshKeys, postInstallScript, contractId, overflow }),
    16,
  );
}
