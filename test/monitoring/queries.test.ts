import { beforeAll, describe, expect, test } from 'vitest';
import type { Sample } from '../../scripts/bench/metrics-text.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { REASON_MEANINGS } from '../../src/resources/vocabulary.ts';
import { livedSamples } from './support/lived-pages.ts';
import { groupedBy, selectedBy } from './support/promql.ts';
import { QUERIES } from './support/queries.ts';

/** Put on by whoever scrapes. */
const SCRAPED = ['cluster', 'namespace', 'job', 'instance', 'pod'];
/** Series of happenings that are too rare for a short life: what the registry says of them must do. */
const RARE = ['flexmetal_fence_refusals_total'];

describe('what is read out of a query', () => {
  test.each([
    ['a metric alone', 'up', [{ metric: 'up', matchers: [] }]],
    [
      'metrics with labels, in functions and ranges',
      'sum by (a) (rate(x_total{b="1",c=~"2|3"}[5m])) / on (d) y > 0.1',
      [
        {
          metric: 'x_total',
          matchers: [
            { label: 'b', value: '1' },
            { label: 'c', value: '2|3' },
          ],
        },
        { metric: 'y', matchers: [] },
      ],
    ],
    ['nothing of words and numbers', '1e3 and on () (2 or 0.5) offset', []],
  ])('%s', (_name, query, expected) => {
    expect(selectedBy(query)).toEqual(expected);
  });

  test('labels to group and to join by', () => {
    expect(groupedBy('sum by (a, b) (x) and on (c) y unless on () z')).toEqual(['a', 'b', 'c']);
  });
});

describe('queries of alerts and dashboard', () => {
  let samples: readonly Sample[] = [];
  beforeAll(async () => {
    samples = await livedSamples();
  }, 60_000);

  const labelsOf = (metric: string): readonly string[] => {
    const declared = createMetrics({ version: '', nodeVersion: '' }, 'operator')
      .described()
      .find(({ name }) => RARE.includes(metric) && name === metric);
    if (declared !== undefined) return declared.labels;
    return samples.filter(({ name }) => name === metric).flatMap(({ labels }) => Object.keys(labels));
  };

  test.each(QUERIES)('%s asks for what an operator that ran has shown', (_where, query) => {
    const selected = selectedBy(query);
    const known = [...samples.map(({ name }) => name), ...RARE];
    expect(known).toEqual(expect.arrayContaining(selected.map(({ metric }) => metric)));
    for (const { metric, matchers } of selected)
      expect([...labelsOf(metric), ...SCRAPED]).toEqual(expect.arrayContaining(matchers.map(({ label }) => label)));
    const groupable = [...selected.flatMap(({ metric }) => labelsOf(metric)), ...SCRAPED];
    expect(groupable).toEqual(expect.arrayContaining([...groupedBy(query)]));
  });

  test.each(QUERIES)('%s asks for values that there are', (_where, query) => {
    const unknown = selectedBy(query).flatMap(({ metric, matchers }) =>
      matchers.flatMap(({ label, value }) => {
        const there = VALUES[`${metric} ${label}`] ?? VALUES[label];
        return there === undefined ? [] : value.split('|').filter((word) => !there.includes(word));
      }),
    );
    expect(unknown).toEqual([]);
  });
});

/** Closed lists; other labels are checked by their names alone. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'flexmetal_servers_by_reason reason': Object.keys(REASON_MEANINGS),
  controller: ['flexmetalserver'],
  phase: ['Ready', 'Blocked', 'Failed', 'Lost'],
  outcome: ['ok', 'refused', 'unclear', 'notFound', 'unreadable'],
};
