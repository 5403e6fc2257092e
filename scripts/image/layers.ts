/** One step of an image that brought files along. */
export interface Layer {
  readonly bytes: number;
  /** The instruction it comes from, shortened. */
  readonly madeBy: string;
}

/**
 * The layers of an image, the base's first.
 * @param history lines of `docker history --no-trunc --human=false --format '{{.Size}}\t{{.CreatedBy}}'`, newest first
 */
export function layersOf(history: string): readonly Layer[] {
  return history
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [size = '', madeBy = ''] = line.split('\t');
      return { bytes: Number(size), madeBy: shortened(madeBy) };
    })
    .filter(({ bytes }) => bytes > 0)
    .toReversed();
}

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
    .replaceAll(/\s+/g, ' ');
  return text.length <= LENGTH_MAX ? text : `${text.slice(0, LENGTH_MAX - 1)}…`;
}

const LENGTH_MAX = 100;
