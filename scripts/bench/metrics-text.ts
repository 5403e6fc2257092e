/** One line of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text that Prometheus scrapes; comments and lines that are no samples are passed over. */
export function parseMetrics(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    return [{ name, labels: readLabels(labels), value: Number(value) }];
  });
}

const readLabels = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );

/** Adds up the samples of that name that `which` wants. */
export const sum = (
  samples: readonly Sample[],
  name: string,
  which: (labels: Sample['labels']) => boolean = () => true,
): number =>
  samples
    .filter((sample) => sample.name === name && which(sample.labels))
    .reduce((total, { value }) => total + value, 0);
