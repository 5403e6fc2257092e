import * as z from 'zod';
import type { Engine } from './options.ts';

/** One step of an image that brought files along. */
export interface Layer {
  readonly bytes: number;
  /** The instruction it comes from, shortened. */
  readonly madeBy: string;
}

/**
 * The layers of an image, the base's first, out of `history` of an engine.
 * @param history with docker the lines of DOCKER_HISTORY_FORMAT, with podman its JSON; newest first
 */
export function layersOf(engine: Engine, history: string): readonly Layer[] {
  const steps = engine === 'podman' ? podmanSteps(history) : dockerSteps(history);
  return steps
    .filter(({ bytes }) => bytes > 0)
    .map(({ bytes, madeBy }) => ({ bytes, madeBy: shortened(madeBy) }))
    .toReversed();
}

/** With `--human=false`: sizes in bytes. */
export const DOCKER_HISTORY_FORMAT = '{{.Size}}\t{{.CreatedBy}}';

function dockerSteps(history: string): readonly Layer[] {
  return history
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [size = '', madeBy = ''] = line.split('\t');
      return { bytes: Number(size), madeBy };
    });
}

/** Its own format gives sizes for people only. */
function podmanSteps(history: string): readonly Layer[] {
  return PodmanHistory.parse(JSON.parse(history)).map(({ size, CreatedBy }) => ({ bytes: size, madeBy: CreatedBy }));
}

const PodmanHistory = z.array(z.object({ size: z.number(), CreatedBy: z.string().default('') }));

/** A line for each layer, and their sum. */
export function layerTable(layers: readonly Layer[]): string {
  const sum = layers.reduce((total, { bytes }) => total + bytes, 0);
  return [...layers, { bytes: sum, madeBy: 'all layers, unpacked' }]
    .map(({ bytes, madeBy }) => `${mebibytes(bytes).padStart(10)}  ${madeBy}\n`)
    .join('');
}

const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(2)} MiB`;

/** Engines write `/bin/sh -c #(nop) COPY …` for what no shell has run. */
function shortened(instruction: string): string {
  const text = instruction
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/\s*# buildkit$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return text.length <= LENGTH_MAX ? text : `${text.slice(0, LENGTH_MAX - 1)}…`;
}

const LENGTH_MAX = 100;
