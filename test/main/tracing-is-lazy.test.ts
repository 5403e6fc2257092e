import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const STATIC_IMPORT = /^(?:import|export)\s(?!type\b)[^;]*?from\s+'(\.[^']+\.ts)'/gm;

/** Every source that is loaded with this one, before anything of it runs. */
function loadedWith(file: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(STATIC_IMPORT))
    loadedWith(join(dirname(file), path), seen);
  return seen;
}

test('the program starts without the module that sends traces, and loads it by name only when it is told where to', () => {
  const loaded = loadedWith('src/main.ts');
  // The walk finds what is there: without these it would prove nothing.
  expect(loaded).toContain('src/controllers/operator.ts');
  expect(loaded).toContain('src/observability/tracing/tracer.ts');
  expect([...loaded].filter((file) => file.includes('otel'))).toEqual([]);
  // Nor is anything of OpenTelemetry named by what is loaded.
  const naming = [...loaded].filter((file) => readFileSync(file, 'utf8').includes('@opentelemetry/'));
  expect(naming).toEqual([]);
  expect(readFileSync('src/main.ts', 'utf8')).toMatch(
    /tracingEndpoint === undefined\) return undefined;\s+const \{ OtelTracer \} = await import\('\.\/observability\/tracing\/otel-tracer\.ts'\)/,
  );
});
