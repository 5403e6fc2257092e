import { expect, test } from 'vitest';
import { isDelivered, livenessOf, sameName } from '../../../src/core/model/server-record.ts';
import { sameAccount } from '../../../src/core/model/ledger.ts';
import { ACCOUNT, aServer, OTHER_ACCOUNT } from '../../support/builders.ts';

test.each([
  ['created', 'live'],
  ['delivered', 'live'],
  ['quarantined', 'live'],
  ['', 'live'],
  [' Releasing ', 'releasing'],
  ['\tFAILED', 'failed'],
  ['released\n', 'released'],
])('a server that is "%s" is %s', (status, liveness) => {
  expect(livenessOf(aServer({ status }))).toBe(liveness);
});

test.each([
  ['delivered', true],
  [' Delivered ', true],
  ['undelivered', false],
])('"%s" says delivered: %s', (status, delivered) => {
  expect(isDelivered(aServer({ status }))).toBe(delivered);
});

test.each([
  ['EU: Rotterdam', ' eu:\t rotterdam ', true],
  ['EU: Rotterdam', 'EU:Rotterdam', false],
  ['web 1', 'web1', false],
  ['GROSS', 'Groß', false],
])('"%s" and "%s" are one name: %s', (left, right, same) => {
  expect(sameName(left, right)).toBe(same);
});

test('accounts are the same by base URL and token together', () => {
  expect(sameAccount(ACCOUNT, { ...ACCOUNT })).toBe(true);
  expect(sameAccount(ACCOUNT, OTHER_ACCOUNT)).toBe(false);
  expect(sameAccount(ACCOUNT, { ...ACCOUNT, baseUrl: 'https://api.other' })).toBe(false);
});
