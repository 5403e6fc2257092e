import * as z from 'zod';

/** One installed package, as the lock file describes it. */
export interface LockedPackage {
  /** Where it lies: `node_modules/pino`, or below another package's folder. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** As its author wrote it: an SPDX expression, or something else, or nothing at all. */
  readonly licence: string | undefined;
  /** `sha512-…` of what was downloaded. */
  readonly integrity: string | undefined;
  /** Folders of the packages that it needs, sorted. */
  readonly needs: readonly string[];
}

/** What the program itself needs: what `npm ci --omit=dev --omit=optional` installs. */
export interface ProductionTree {
  readonly name: string;
  readonly version: string;
  readonly licence: string | undefined;
  readonly needs: readonly string[];
  /** Sorted by folder. */
  readonly packages: readonly LockedPackage[];
}

/**
 * Reads the production tree out of a package-lock.json by walking from the project's own dependencies, the way Node resolves
 * them. `npm sbom --omit dev` is no help: it leaves out every package that a development package needs as well.
 * @throws when the file is of another version, or names a package that it does not hold
 */
export function productionTree(lockFile: string): ProductionTree {
  const { packages } = LockFile.parse(JSON.parse(lockFile));
  const entries = new Map(Object.entries(packages));
  const root = entries.get('');
  if (root?.name === undefined || root.version === undefined) throw new Error('the lock file does not say whose it is');
  const needs = needsOf('', root, entries);
  const reached = new Map<string, LockedPackage>();
  const open = [...needs];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (reached.has(folder)) continue;
    const locked = packageAt(folder, entries);
    reached.set(folder, locked);
    open.push(...locked.needs);
  }
  return {
    name: root.name,
    version: root.version,
    licence: root.license,
    needs,
    packages: [...reached.values()].toSorted((a, b) => compareText(a.folder, b.folder)),
  };
}

/** The same order on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const Names = z.record(z.string(), z.string()).default({});
const Entry = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  license: z.string().optional(),
  integrity: z.string().optional(),
  dependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).default({}),
});
type Entry = z.infer<typeof Entry>;
const LockFile = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), Entry) });

type Entries = ReadonlyMap<string, Entry>;

function packageAt(folder: string, entries: Entries): LockedPackage {
  const entry = entries.get(folder);
  if (entry?.version === undefined) throw new Error(`the lock file holds no version of ${folder}`);
  return {
    folder,
    name: entry.name ?? nameOf(folder),
    version: entry.version,
    licence: entry.license,
    integrity: entry.integrity,
    needs: needsOf(folder, entry, entries),
  };
}

/** npm lists an optional package under `dependencies` too when its author did. */
function needsOf(folder: string, entry: Entry, entries: Entries): readonly string[] {
  const peers = Object.keys(entry.peerDependencies).filter(
    (name) => entry.peerDependenciesMeta[name]?.optional !== true,
  );
  const names = Object.keys(entry.dependencies).filter((name) => !(name in entry.optionalDependencies));
  return [...new Set([...names, ...peers].map((name) => resolve(folder, name, entries)))].toSorted(compareText);
}

/** The nearest one on the way up, as Node looks for it. */
function resolve(from: string, name: string, entries: Entries): string {
  for (let place = from; ; place = parentOf(place)) {
    const candidate = place === '' ? `node_modules/${name}` : `${place}/node_modules/${name}`;
    if (entries.has(candidate)) return candidate;
    if (place === '') throw new Error(`the lock file lacks ${name}, which ${from === '' ? 'the project' : from} needs`);
  }
}

/** The package in whose node_modules this one lies; '' for the project itself. */
const parentOf = (folder: string): string => folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1));

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
