import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseServerUuid } from '../../src/base/ids.ts';
import {
  classifyCreate,
  classifyPage,
  classifyRead,
  classifyRelease,
  classifyTag,
} from '../../src/flexmetal/classify.ts';
import { clean } from '../../src/flexmetal/text.ts';
import type { HttpResult } from '../../src/flexmetal/transport.ts';
import { runs } from '../support/runs.ts';
import { VIRTUAL_START } from '../support/virtual-clock.ts';
import { UUID, aServer, anError } from './support/replies.ts';

const READING = { now: VIRTUAL_START, clean };
const RUNS = runs(10_000);

const anything = fc.anything({ maxDepth: 3, withBigInt: false });

/** A server or an error in which any field may be anything, or missing. */
const bent = (whole: Record<string, unknown>) =>
  fc
    .record(
      Object.fromEntries(
        Object.entries(whole).map(([name, value]) => [
          name,
          fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, anything),
        ]),
      ),
      { requiredKeys: [] },
    )
    .map((value): unknown => value);

const json = fc
  .oneof(
    bent(aServer()),
    bent(anError()),
    fc.array(bent(aServer()), { maxLength: 3 }),
    fc.array(bent(anError()), { maxLength: 2 }),
    anything,
  )
  .map((value) => JSON.stringify(value) ?? '');

const body = fc.oneof(
  { weight: 6, arbitrary: json },
  { weight: 2, arbitrary: fc.tuple(json, fc.nat(200)).map(([text, cut]) => text.slice(0, -cut || undefined)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

const headers = fc.dictionary(fc.constantFrom('date', 'retry-after', 'content-type'), fc.string(), {
  noNullPrototype: true,
});

const result: fc.Arbitrary<HttpResult> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('reply' as const),
      status: fc.oneof(
        fc.constantFrom(200, 400, 401, 403, 404, 409, 422, 429, 500, 503),
        fc.integer({ min: 100, max: 599 }),
      ),
      headers,
      body,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('failed' as const),
      sent: fc.constantFrom('no' as const, 'maybe' as const),
      cause: fc.string(),
    }),
  },
);

const statusOf = (given: HttpResult): number => (given.kind === 'reply' ? given.status : 0);
const isUuid = (text: string): boolean => parseServerUuid(text) === text;

/** Runs it over many answers; what it throws names the answer for which the promise does not hold. */
const hold = (promise: (given: HttpResult) => boolean) => () => fc.assert(fc.property(result, promise), RUNS);

describe('whatever comes back', () => {
  test('an order is created only with a uuid in a 2xx, and refused only by a definite no', () => {
    const promise = (given: HttpResult): boolean => {
      const outcome = classifyCreate(given, READING);
      const status = statusOf(given);
      if (outcome.kind === 'created') return isUuid(outcome.server.uuid) && status >= 200 && status < 300;
      if (outcome.kind === 'unclear') return given.kind === 'reply' || given.sent === 'maybe';
      if (given.kind === 'failed') return given.sent === 'no';
      return [400, 401, 403, 404, 422].includes(status) && outcome.refusal.message.length <= 300;
    };
    expect(hold(promise)).not.toThrow();
  });

  test('a release or a tag is never refused, done or not found by an error of the server', () => {
    const promise = (given: HttpResult): boolean => {
      const outcomes = [classifyRelease(given, UUID, READING), classifyTag(given, UUID, READING)];
      return outcomes.every(
        (outcome) =>
          (statusOf(given) < 500 || outcome.kind === 'unclear') &&
          (!('server' in outcome) || outcome.server === undefined || outcome.server.uuid === UUID),
      );
    };
    expect(hold(promise)).not.toThrow();
  });

  test('a read never mistakes another answer for the server or for "not found"', () => {
    const promise = (given: HttpResult): boolean => {
      const outcome = classifyRead(given, UUID, READING);
      if (outcome.kind === 'present') return outcome.server.uuid === UUID && statusOf(given) === 200;
      return outcome.kind === 'notFound' ? statusOf(given) === 404 : outcome.failure.message !== '';
    };
    expect(hold(promise)).not.toThrow();
  });

  test('a page is a 200 with a list', () => {
    const promise = (given: HttpResult): boolean =>
      classifyPage(given, READING).kind === 'unreadable' || statusOf(given) === 200;
    expect(hold(promise)).not.toThrow();
  });
});
