import { load } from 'js-yaml';

/** A value of a chart as it stands in values.yaml: one row of the README's table. */
export interface DescribedValue {
  /** Keys from the root: `api.token.value` has three. */
  readonly path: readonly string[];
  readonly fallback: unknown;
  /** From the comment `# --` above it. */
  readonly description: string;
}

/**
 * The values that carry a description, in the order of the file. A mapping with a description is one value, whatever is in it;
 * a mapping without is a group.
 * @throws Error when a value stands there without a description
 */
export function describedValues(text: string): readonly DescribedValue[] {
  const descriptions = descriptionsIn(text);
  return flatten([], load(text), descriptions);
}

function flatten(
  path: readonly string[],
  value: unknown,
  descriptions: ReadonlyMap<string, string>,
): readonly DescribedValue[] {
  const description = descriptions.get(path.join('.'));
  if (description !== undefined) return [{ path, fallback: value, description }];
  if (!isMapping(value)) throw new Error(`${path.join('.')} has no description: write one above it, after "# --"`);
  return Object.entries(value).flatMap(([key, child]) => flatten([...path, key], child, descriptions));
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MARK = '# --';
const KEY = /^(?<indent> *)(?<key>[A-Za-z][A-Za-z0-9]*):/;

/** The comments `# --` by the path of the key below them. The file is indented by two spaces a level. */
function descriptionsIn(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let path: readonly string[] = [];
  let comment: string | undefined;
  for (const line of text.split('\n')) {
    if (line.trimStart().startsWith(MARK)) {
      comment = line.trimStart().slice(MARK.length).trim();
      continue;
    }
    const { indent, key } = KEY.exec(line)?.groups ?? {};
    if (indent !== undefined && key !== undefined) {
      path = [...path.slice(0, indent.length / 2), key];
      if (comment !== undefined) found.set(path.join('.'), comment);
    }
    comment = undefined;
  }
  return found;
}
