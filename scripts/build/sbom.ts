import type { BundledPackage } from './bundled-packages.ts';
import type { LockedPackage, ProductionTree } from './lock-file.ts';

/** What the list describes besides the tree. */
export interface SbomOptions {
  readonly bundled: readonly BundledPackage[];
  /** Of the bundle, in hex: ties the list to one file. */
  readonly sha256: string;
}

/**
 * The bill of materials in CycloneDX 1.5: every package of the production tree. Those of which the bundle holds code have the
 * scope `required` and say how many of their modules are in it; the others are `excluded`: installed, but not in the image.
 * No time and no serial number: the same tree gives the same bytes.
 * @throws when the bundle holds a package that the tree does not: the lock file is not the one that was built from
 */
export function cycloneDx(tree: ProductionTree, { bundled, sha256 }: SbomOptions): string {
  const modules = new Map(bundled.map((one) => [one.folder, one.modules]));
  const known = new Map(tree.packages.map((one) => [one.folder, referenceOf(one)]));
  const strangers = [...modules.keys()].filter((folder) => !known.has(folder));
  if (strangers.length > 0)
    throw new Error(`the bundle holds what is no production dependency: ${strangers.join(', ')}`);
  const own = `${tree.name}@${tree.version}`;
  const referencesOf = (folders: readonly string[]): readonly string[] =>
    [...new Set(folders.flatMap((folder) => known.get(folder) ?? []))].toSorted();
  // The same version may lie in two folders; it is one component.
  const components = new Map<string, object>();
  const dependencies = new Map<string, readonly string[]>([[own, referencesOf(tree.needs)]]);
  for (const one of tree.packages) {
    const reference = referenceOf(one);
    const twins = tree.packages.filter((other) => referenceOf(other) === reference);
    const counts = twins.flatMap(({ folder }) => modules.get(folder) ?? []);
    components.set(reference, componentOf(one, counts));
    dependencies.set(reference, referencesOf(twins.flatMap(({ needs }) => needs)));
  }
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': own,
        name: tree.name,
        version: tree.version,
        hashes: [{ alg: 'SHA-256', content: sha256 }],
        ...licencesOf(tree.licence),
      },
    },
    components: [...components.values()],
    dependencies: [...dependencies].map(([ref, dependsOn]) => ({ ref, dependsOn })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** @param counts modules in the bundle, for each folder of which it holds something */
function componentOf(one: LockedPackage, counts: readonly number[]): object {
  const isBundled = counts.length > 0;
  const reference = referenceOf(one);
  const [, scope, name = one.name] = /^(?:(@[^/]+)\/)?(.+)$/.exec(one.name) ?? [];
  return {
    type: 'library',
    'bom-ref': reference,
    ...(scope === undefined ? {} : { group: scope }),
    name,
    version: one.version,
    scope: isBundled ? 'required' : 'excluded',
    ...hashesOf(one.integrity),
    ...licencesOf(one.licence),
    purl: reference,
    ...(isBundled
      ? {
          properties: [{ name: 'flexmetal-operator:bundledModules', value: String(counts.reduce((a, b) => a + b, 0)) }],
        }
      : {}),
  };
}

/** The package URL, `pkg:npm/%40kubernetes/client-node@2.0.1`. */
function referenceOf({ name, version }: LockedPackage): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** An integrity is base64, a CycloneDX hash is hex. */
function hashesOf(integrity: string | undefined): object {
  const [, base64] = /^sha512-(\S+)$/.exec(integrity ?? '') ?? [];
  if (base64 === undefined) return {};
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') }] };
}

function licencesOf(licence: string | undefined): object {
  if (licence === undefined) return {};
  return { licenses: [/\s/.test(licence) ? { expression: licence } : { license: { id: licence } }] };
}
