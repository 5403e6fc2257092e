/** A test as its file declared it, ready to be run any number of times. */
export interface CollectedTest {
  /** File, suites, name, and a number should there be two of the same. */
  readonly id: string;
  readonly name: string;
  readonly run: () => unknown;
}

let collected: CollectedTest[] = [];
let path: readonly string[] = [];

/** The tests that `load` declares while it runs. Not to be nested. */
export async function collect(file: string, load: () => Promise<unknown>): Promise<readonly CollectedTest[]> {
  collected = [];
  path = [file];
  await load();
  return collected;
}

export function addTest(name: string, run: () => unknown): void {
  const whole = [...path, name].join(' > ');
  const namesakes = collected.filter((known) => known.name === whole).length;
  collected.push({ id: namesakes === 0 ? whole : `${whole} (${namesakes + 1})`, name: whole, run });
}

export function addSuite(name: string, declare: () => void): void {
  const outer = path;
  path = [...outer, name];
  declare();
  path = outer;
}
