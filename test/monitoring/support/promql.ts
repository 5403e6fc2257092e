/** A metric that a query reads, and the labels it asks of it by matchers. */
export interface Selected {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly value: string }[];
}

/** Words of the language that stand where a metric could. */
const KEYWORDS = new Set([
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'and',
  'or',
  'unless',
  'bool',
  'offset',
]);

/** The metrics that a query reads. Not a parser: enough for the queries of this project, which `promtool` parses in full. */
export function selectedBy(query: string): readonly Selected[] {
  const bare = withoutGroupings(query);
  return [...bare.matchAll(/\b([a-z_:][a-z0-9_:]*)\s*(\{[^}]*\})?(?=\s*(\(|))/gi)].flatMap(
    ([, word = '', braces, bracket]) => {
      if (bracket === '(' || KEYWORDS.has(word) || /^\d/.test(word)) return [];
      return [{ metric: word, matchers: matchersIn(braces ?? '') }];
    },
  );
}

/** The labels by which a query groups or joins. */
export const groupedBy = (query: string): readonly string[] =>
  [
    ...new Set(
      [...query.matchAll(GROUPING)].flatMap(([, labels = '']) => labels.split(',').map((label) => label.trim())),
    ),
  ].filter((label) => label !== '');

const GROUPING = /\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g;

/** Ranges go as well: what stands in brackets is no metric. */
const withoutGroupings = (query: string): string => query.replaceAll(GROUPING, ' ').replaceAll(/\[[^\]]*\]/g, ' ');

const matchersIn = (braces: string) =>
  [...braces.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)].map(([, label = '', value = '']) => ({ label, value }));
