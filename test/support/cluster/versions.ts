import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Versions with their leading `v`. */
export interface ControlPlaneVersions {
  readonly kubernetes: string;
  readonly etcd: string;
}

/** The folder with one Go module for each program. */
export const MODULES_FOLDER = path.join(import.meta.dirname, '../../control-plane');

/** The versions that the go.mod files ask for: they are the one place where a version is raised. */
export function controlPlaneVersions(): ControlPlaneVersions {
  return {
    kubernetes: versionOf('kube-apiserver', 'k8s.io/kubernetes'),
    etcd: versionOf('etcd', 'go.etcd.io/etcd/server/v3'),
  };
}

function versionOf(folder: string, modulePath: string): string {
  const file = path.join(MODULES_FOLDER, folder, 'go.mod');
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((text) => text.trim().startsWith(`${modulePath} v`));
  const version = line?.trim().split(' ')[1];
  if (version === undefined) throw new Error(`${file} does not say which version of ${modulePath} it needs`);
  return version;
}
