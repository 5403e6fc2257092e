import type { Secret } from '../../base/secret.ts';

/** An order with every reference resolved, ready to be sent. Not JSON: the wire form is made in src/flexmetal/wire.ts. */
export interface OrderRequest {
  readonly name: string;
  readonly location: string;
  readonly instanceType: string;
  readonly os: {
    readonly slug: string;
    readonly kernelParams: readonly { readonly key: string; readonly value: Secret }[];
    /** size in MB; `rest`: the remaining space of the disk. */
    readonly partitions: readonly {
      readonly target: string;
      readonly filesystem: string;
      readonly size: number | 'rest';
    }[];
    readonly ipxeScriptUrl: string | undefined;
  };
  /** Public keys or uuids of stored keys. Empty: none is sent. */
  readonly sshKeys: readonly string[];
  readonly postInstallScript: Secret | undefined;
  /** Ours and the object's. */
  readonly tags: readonly string[];
  readonly contractId: string | undefined;
  readonly overflow: boolean;
}
