import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { ControlPlaneVersions } from './versions.ts';

/** One way to get the binaries: the folder that holds them, or why it did not work. */
export type WayResult =
  | { readonly kind: 'found'; readonly folder: string }
  | { readonly kind: 'no'; readonly why: string };

/** What every way needs to know. */
export interface WayContext {
  readonly versions: ControlPlaneVersions;
  /** Go's words: `linux-amd64`. */
  readonly platform: string;
  /** Holds one folder a version, and in it one a platform. */
  readonly cacheRoot: string;
  readonly log: (line: string) => void;
}

/** The folder if both programs are in it and may be run; otherwise the name of one that is not. */
export function programsIn(folder: string): WayResult {
  const missing = ['etcd', 'kube-apiserver'].find((name) => !isExecutable(path.join(folder, name)));
  return missing === undefined
    ? { kind: 'found', folder }
    : { kind: 'no', why: `${folder} holds no executable ${missing}` };
}

/** Whether the file is there and may be run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `v1.36` of `v1.36.3`. */
export const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');
