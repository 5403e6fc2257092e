import { execFileSync } from 'node:child_process';
import { findTool, howToGet } from '../../../scripts/tools/find.ts';
import { skipsWithout } from '../../support/requirement.ts';

/** A Helm of a major version, and whether tests must do without it. */
export interface Helm {
  readonly name: 'Helm 4' | 'Helm 3';
  readonly program: string;
  readonly isMissing: boolean;
}

/** Both Helms that the charts are for. One of another major version than it should be is as good as none. */
export const HELM_4 = helmOf('helm', 'Helm 4', 'v4');
export const HELM_3 = helmOf('helm3', 'Helm 3', 'v3');

function helmOf(tool: 'helm' | 'helm3', name: Helm['name'], major: string): Helm {
  const program = findTool(tool) ?? '';
  const isMissing = skipsWithout(tool, program !== '' && versionOf(program).startsWith(major), howToGet(tool));
  return { name, program, isMissing };
}

function versionOf(program: string): string {
  return execFileSync(program, ['version', '--template', '{{.Version}}'], { encoding: 'utf8' });
}
