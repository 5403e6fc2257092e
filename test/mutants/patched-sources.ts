import type { Mutant } from './mutant.ts';

/**
 * The sources as the mutant has them, by file.
 * @throws when a text is not found exactly once: the source has moved on, and a patch that does nothing would be a mutant that does nothing
 */
export function patchedSources(
  mutant: Pick<Mutant, 'name' | 'patches'>,
  read: (file: string) => string,
): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const { file, from, to } of mutant.patches) {
    const source = sources.get(file) ?? read(file);
    const parts = source.split(from);
    if (parts.length !== 2) {
      throw new Error(
        `mutant ${mutant.name}: this text stands ${parts.length - 1} times in ${file}, not once. Bring the patch up to date:\n${from}`,
      );
    }
    sources.set(file, parts.join(to));
  }
  return sources;
}
