import type { Instant } from '../../base/time.ts';
import { hours, instant, parseInstant } from '../../base/time.ts';
import type { Call, Handler } from '../call.ts';
import { ERROR_CODE } from '../error-codes.ts';
import type { Answer } from '../replies.ts';
import { ok, refusal } from '../replies.ts';
import { serverBody } from '../server-view.ts';
import type { ServerRow } from '../world-state.ts';

/** GET /v3/flexMetal/usage: what is billed from the first to the last day asked for, both included; everything when not asked. */
export const listUsage: Handler = (call) => {
  const startDate = call.query.get('startDate');
  const endDate = call.query.get('endDate');
  const from = startDate === null ? instant(0) : parseDay(startDate);
  const lastDay = endDate === null ? call.now : parseDay(endDate);
  if (from === undefined) return malformedDay('startDate');
  if (lastDay === undefined) return malformedDay('endDate');
  const until = endDate === null ? lastDay : instant(lastDay + hours(24));
  if (until < from)
    return refusal(422, ERROR_CODE.invalidValue, 'Unprocessable Content', [
      { property: 'endDate', message: 'Lies before startDate.' },
    ]);
  return ok(
    [...call.state.servers.values()]
      .filter((row) => row.account === call.account)
      .flatMap((row) => usageOf(call, row, from, instant(Math.min(until, call.now)))),
  );
};

/** When billing begins and ends is not documented: here from delivery to release. */
function usageOf(call: Call, row: ServerRow, from: Instant, until: Instant): readonly object[] {
  if (row.deliveredAt === undefined) return [];
  const startedAt = instant(Math.max(row.deliveredAt, from));
  const endedAt = instant(Math.min(row.releasedAt ?? row.failedAt ?? until, until));
  if (endedAt < startedAt) return [];
  const totalMinutes = Math.ceil((endedAt - startedAt) / 60_000);
  return [
    {
      server: serverBody(call.state, row),
      startedAt: new Date(startedAt).toISOString(),
      endedAt: new Date(endedAt).toISOString(),
      totalHours: Math.ceil(totalMinutes / 60),
      totalMinutes,
      bandwidthIn: totalMinutes * BYTES_A_MINUTE,
    },
  ];
}

/** Some traffic, so that the field is not always zero. */
const BYTES_A_MINUTE = 1_048_576;

const parseDay = (text: string): Instant | undefined =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : undefined;

const malformedDay = (property: string): Answer =>
  refusal(422, ERROR_CODE.invalidValue, 'Unprocessable Content', [
    { property, message: 'This is no date of the form YYYY-MM-DD.' },
  ]);
