import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const STAND_IN = import.meta.resolve('./vitest.ts');

let generation = 0;

/** From now on every import is a new module: what ran when the modules were loaded runs again. */
export function forgetModules(): void {
  generation += 1;
}

/** Gives the files under `root` their generation, and `vitest` its stand-in. Once for the process. */
export function watchImports(root: string): void {
  const prefix = pathToFileURL(`${root}/`).href;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const isOurs = context.parentURL?.startsWith(prefix) === true;
      if (isOurs && specifier === 'vitest') return { url: STAND_IN, shortCircuit: true };
      const resolved = nextResolve(specifier, context);
      if (!resolved.url.startsWith(prefix) || resolved.url.includes('/node_modules/')) return resolved;
      return { ...resolved, url: `${fileURLTo(resolved.url)}?generation=${generation}` };
    },
  });
}

const fileURLTo = (url: string): string => pathToFileURL(fileURLToPath(url)).href;
