import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ALERTS } from '../../scripts/monitoring/alerts.ts';
import { REASON_MEANINGS } from '../../src/resources/vocabulary.ts';
import { ALERT_CASES } from './support/alert-cases.ts';
import { selectedBy } from './support/promql.ts';

const RUNBOOKS = path.join(import.meta.dirname, '../../docs/runbooks');
const NAMES = ALERTS.map(({ name }) => name);

/** Reasons that need nobody, or somebody who knows already because they asked for it. */
const NO_ALERT = [
  'Pending',
  'Ordering',
  'Ordered',
  'Provisioning',
  'AddressesPending',
  'Delivered',
  'Ready',
  'Synced',
  'TagsPending',
  'Releasing',
  'Progressing',
  'AsExpected',
  'Paused',
  'Protected',
  'ObserveMode',
  // About an answer, not about the object: it holds nothing up.
  'AnswerRefused',
];
/** Reasons that are the same for all objects: an alert asks for the cause instead. */
const BY_ANOTHER_METRIC: Readonly<Record<string, string>> = {
  OrderUnclear: 'FlexMetalOrderUnclear',
  ListingIncomplete: 'FlexMetalListingStale',
  ObservationStale: 'FlexMetalListingStale',
  ApiUnavailable: 'FlexMetalApiErrors',
};

test('no two alerts have one name', () => {
  expect(new Set(NAMES).size).toBe(NAMES.length);
});

test.each(ALERTS.map((alert) => [alert.name, alert] as const))('%s is written for people', (name, alert) => {
  expect(name).toMatch(/^FlexMetal(?:[A-Z][a-z]+)+$/);
  expect(alert.summary).toMatch(/^.{10,110}\.$/);
  expect(alert.description).toMatch(/^.{40,300}\.$/);
  expect(alert.for).toMatch(/^\d+m$/);
});

test('every alert has its page, and every page its alert', () => {
  expect(readdirSync(RUNBOOKS).toSorted()).toEqual([...NAMES, 'README'].map((name) => `${name}.md`).toSorted());
});

test.each(NAMES)('the page of %s says what it means, costs, and what to do', (name) => {
  const page = readFileSync(path.join(RUNBOOKS, `${name}.md`), 'utf8');
  expect([...page.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading)).toEqual([
    name,
    'What it means',
    'What it costs',
    'Look at',
    'Do',
    'When to call the vendor',
  ]);
  expect(page).toMatch(/^```sh\n/m);
});

test('every alert is tried', () => {
  expect(Object.keys(ALERT_CASES)).toEqual(NAMES);
  for (const { quiet } of Object.values(ALERT_CASES)) expect(Object.keys(quiet).length).toBeGreaterThan(0);
});

test('every reason that an object may wait for has an alert, or is said to need none', () => {
  const asked = ALERTS.flatMap(({ expression }) => selectedBy(expression))
    .filter(({ metric }) => metric === 'flexmetal_servers_by_reason')
    .flatMap(({ matchers }) => matchers.flatMap(({ value }) => value.split('|')));
  expect([...asked, ...NO_ALERT, ...Object.keys(BY_ANOTHER_METRIC)].toSorted()).toEqual(
    Object.keys(REASON_MEANINGS).toSorted(),
  );
  expect(NAMES).toEqual(expect.arrayContaining(Object.values(BY_ANOTHER_METRIC)));
});
