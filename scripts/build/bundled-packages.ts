import { compareText } from './lock-file.ts';

/** A package of which the bundle holds code. */
export interface BundledPackage {
  /** `node_modules/pino` */
  readonly folder: string;
  /** How many of its files; 0 for one that came inside a file of another package. */
  readonly modules: number;
}

/**
 * Packages that their users have built into their own published file, so that no module of theirs shows in a bundle. Their code
 * is there all the same.
 */
const BUILT_INTO: Readonly<Record<string, readonly string[]>> = {
  'node_modules/jsonpath-plus': [
    'node_modules/@jsep-plugin/assignment',
    'node_modules/@jsep-plugin/regex',
    'node_modules/jsep',
  ],
};

/**
 * The packages behind the modules of a bundle, sorted by folder.
 * @param modules paths below the project's folder
 */
export function bundledPackages(modules: readonly string[]): readonly BundledPackage[] {
  const counts = new Map<string, number>();
  for (const folder of modules.flatMap(packageFolder)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  for (const inner of [...counts.keys()].flatMap((folder) => BUILT_INTO[folder] ?? [])) {
    if (!counts.has(inner)) counts.set(inner, 0);
  }
  return [...counts]
    .map(([folder, count]) => ({ folder, modules: count }))
    .toSorted((a, b) => compareText(a.folder, b.folder));
}

/** None for a module of the project itself. */
function packageFolder(module: string): readonly string[] {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.slice(0, 1) ?? [];
}
