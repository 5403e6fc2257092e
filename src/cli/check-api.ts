import { assertNever } from '../base/assert-never.ts';
import type { ListOutcome } from '../core/model/outcomes.ts';
import type { Finding } from './finding.ts';

/**
 * Says whether the FlexMetal API takes the token.
 * @param outcome of a listing of one page, which is therefore seldom complete
 */
export function checkApi(url: string, outcome: ListOutcome): Finding {
  switch (outcome.kind) {
    case 'complete':
      return { verdict: 'right', lines: [`${url} takes the token. It lists ${outcome.listing.servers.size} servers.`] };
    case 'incomplete':
      return { verdict: 'right', lines: [`${url} takes the token. It lists more servers than the first page shows.`] };
    case 'unreadable': {
      const { kind, message } = outcome.failure;
      if (kind === 'credentials')
        return {
          verdict: 'wrong',
          lines: [`${url}: ${message}`, 'Orders and releases wait until the token is right.'],
        };
      return { verdict: 'unknown', lines: [`Whether ${url} takes the token cannot be told: ${message}`] };
    }
    default:
      return assertNever(outcome, 'outcome of a listing');
  }
}
