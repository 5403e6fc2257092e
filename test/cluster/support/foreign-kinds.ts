import { findTool, howToGet } from '../../../scripts/tools/find.ts';
import { applyCrds } from '../../support/cluster/kit.ts';
import type { Manifest } from '../../support/cluster/kit.ts';
import type { Rest } from '../../support/cluster/rest.ts';
import { skipsWithout } from '../../support/requirement.ts';

const folder = findTool('crds');
/** Whether there is nothing that says what objects of the Prometheus operator, Argo CD and Flux look like. */
export const isWithoutForeignKinds = skipsWithout('crds', folder !== undefined, howToGet('crds'));

/** Whether it is a kind that `applyForeignKinds` brings. */
export const isForeign = ({ apiVersion }: Manifest): boolean =>
  /^(?:monitoring\.coreos\.com|argoproj\.io|(?:source|helm)\.toolkit\.fluxcd\.io)\//.test(apiVersion);

/** Lets the API server know these kinds, where they are to be had. */
export async function applyForeignKinds(rest: Rest): Promise<void> {
  if (folder !== undefined) await applyCrds(rest, folder);
}
