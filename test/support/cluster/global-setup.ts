import type { TestProject } from 'vitest/node';
import { startControlPlane } from './control-plane.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the kubeconfig with full rights for the control plane that all tests of the project `cluster` share. */
    kubeconfig: string;
  }
}

/** Starts one control plane for the whole project. Tests that stop or restart a control plane start one of their own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const controlPlane = await startControlPlane({ log: (line) => process.stderr.write(`[control plane] ${line}\n`) });
  project.provide('kubeconfig', controlPlane.kubeconfigPath);
  return () => controlPlane.stop();
}
