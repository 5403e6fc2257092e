import type { ServerUuid } from '../base/ids.ts';
import { parseServerUuid } from '../base/ids.ts';
import type { Instant } from '../base/time.ts';
import { ERROR_CODE } from './error-codes.ts';
import type { Fault } from './faults.ts';
import type { Answer } from './replies.ts';
import { refusal } from './replies.ts';
import { isShown } from './server-view.ts';
import type { ServerRow, WorldState } from './world-state.ts';

/** One request that was let in, at the moment it takes effect. */
export interface Call {
  readonly state: WorldState;
  readonly now: Instant;
  readonly requestId: string;
  readonly account: string;
  readonly params: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly fault: Fault | undefined;
}

/** Carries one operation out. Total: whatever the request holds, the result is an answer. */
export type Handler = (call: Call) => Answer;

/** The server named in the path, when it is this account's and shown. */
export function serverOf(call: Call): ServerRow | undefined {
  const uuid: ServerUuid | undefined = parseServerUuid(call.params.get('uuid') ?? '');
  const row = uuid === undefined ? undefined : call.state.servers.get(uuid);
  if (row === undefined || row.account !== call.account) return undefined;
  return isShown(call.state, row, call.now, 'single') ? row : undefined;
}

export const notFound: Answer = refusal(404, ERROR_CODE.notFound, 'Entity not found');
