import { expect, test } from 'vitest';
import { parseMetrics, sum } from '../../../scripts/bench/metrics-text.ts';

const text = `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{verb="GET",path="/a{b},\\"c\\""} 3
requests_total{verb="POST",path=""} 4 1712345678
requests_total_other{verb="GET"} 100
up 1
seconds_bucket{le="+Inf"} 1.5e+3
`;

test('names, labels and values are read; comments and times are not', () => {
  expect(parseMetrics(text)).toEqual([
    { name: 'requests_total', labels: { verb: 'GET', path: '/a{b},\\"c\\"' }, value: 3 },
    { name: 'requests_total', labels: { verb: 'POST', path: '' }, value: 4 },
    { name: 'requests_total_other', labels: { verb: 'GET' }, value: 100 },
    { name: 'up', labels: {}, value: 1 },
    { name: 'seconds_bucket', labels: { le: '+Inf' }, value: 1_500 },
  ]);
});

test.each([
  ['all of a name', () => true, 7],
  ['those with a label', ({ verb }: Readonly<Record<string, string>>) => verb === 'POST', 4],
  ['none', () => false, 0],
])('%s are added up', (_name, which, expected) => {
  expect(sum(parseMetrics(text), 'requests_total', which)).toBe(expected);
});
