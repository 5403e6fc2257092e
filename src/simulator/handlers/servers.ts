import type { Call, Handler } from '../call.ts';
import { notFound, serverOf } from '../call.ts';
import { beginRelease } from '../delivery.ts';
import { drawnHex } from '../draws.ts';
import { ERROR_CODE } from '../error-codes.ts';
import { rangeOf } from '../paging.ts';
import type { Answer } from '../replies.ts';
import { noContent, ok, okRows, refusal } from '../replies.ts';
import { isShown, renderServer } from '../server-view.ts';
import type { ServerRow } from '../world-state.ts';
import { hours, since } from '../../base/time.ts';

/** GET /v3/flexMetal/servers: filters by one status and by tags (all of them), then cuts the page out. */
export const listServers: Handler = (call) => {
  const matching = matchingRows(call);
  const distortion = call.fault?.answer?.kind === 'page' ? call.fault.answer : undefined;
  const asked = rangeOf(call.headers, call.state.config.manners.pageMax);
  const start = distortion?.ignoreRange === true ? 0 : asked.start;
  const shifted = start === 0 ? 0 : Math.max(0, start + (distortion?.shift ?? 0));
  const page = matching.slice(distortion?.omit ?? 0).slice(shifted, shifted + asked.results);
  const repeated = page.slice(0, distortion?.duplicates ?? 0);
  return okRows([...page, ...repeated].map((row) => renderServer(call.state, row, call.now)));
};

/** GET /v3/flexMetal/servers/{uuid} */
export const getServer: Handler = (call) => {
  const row = serverOf(call);
  return row === undefined ? notFound : okRows([renderServer(call.state, row, call.now)]);
};

/** DELETE /v3/flexMetal/servers/{uuid}: begins the release; it is over when the status says released. */
export const releaseServer: Handler = (call) => {
  const row = serverOf(call);
  if (row === undefined) return notFound;
  const refused = releaseRefusal(call, row);
  if (refused !== undefined) return refused;
  // A failed server stays failed at this vendor, whatever the answer.
  const after =
    row.failedAt === undefined
      ? beginRelease(call.state, row, call.now, { kind: 'request', requestId: call.requestId })
      : row;
  if (call.state.config.manners.releaseReply === 'noContent') return noContent;
  return okRows([renderServer(call.state, after, call.now)]);
};

/** GET /v3/flexMetal/servers/{uuid}/rootPassword: Windows only, for a day after delivery. */
export const getRootPassword: Handler = (call) => {
  const row = serverOf(call);
  const system = call.state.config.catalogue.operatingSystems.find((candidate) => candidate.slug === row?.osSlug);
  if (row?.deliveredAt === undefined || row.releasingAt !== undefined || system?.family !== 'windows') return notFound;
  if (since(row.deliveredAt, call.now) > ROOT_PASSWORD_SHOWN) return notFound;
  return ok([{ rootPassword: drawnHex(call.state.config.seed, Number.parseInt(row.uuid.slice(-8), 16), 12) }]);
};

const ROOT_PASSWORD_SHOWN = hours(24);

function releaseRefusal(call: Call, row: ServerRow): Answer | undefined {
  const { manners } = call.state.config;
  if (row.failedAt !== undefined) {
    return manners.releaseFailed === 'refuse'
      ? refusal(422, ERROR_CODE.ended, 'The server is in a terminal state')
      : undefined;
  }
  if (row.releasingAt !== undefined) {
    if (manners.releaseAgain === 'notFound') return notFound;
    return manners.releaseAgain === 'conflict'
      ? refusal(409, ERROR_CODE.inTransition, 'The server is being released already')
      : undefined;
  }
  if (row.deliveredAt === undefined && manners.releaseEarly === 'refuse') {
    return refusal(422, ERROR_CODE.inTransition, 'The server is in transition');
  }
  return undefined;
}

function matchingRows(call: Call): readonly ServerRow[] {
  const { state, account, now } = call;
  const status = call.query.get('status') ?? '';
  const tags = tagsAskedFor(call.query);
  const lag = call.fault?.answer?.kind === 'page' ? (call.fault.answer.lag ?? 0) : 0;
  const rows: ServerRow[] = [];
  for (const row of state.servers.values()) {
    if (row.account !== account || !isShown(state, row, now, 'list', lag)) continue;
    if (status === '' ? hidesEnded(call, row) : !hasStatus(row, status)) continue;
    if (tags.length > 0 && !carriesAll(call, row, tags)) continue;
    rows.push(row);
  }
  return state.config.manners.listOrder === 'newestFirst' ? rows.reverse() : rows;
}

const hidesEnded = (call: Call, row: ServerRow): boolean =>
  !call.state.config.manners.listHoldsEnded && (row.releasedAt !== undefined || row.failedAt !== undefined);

function carriesAll(call: Call, row: ServerRow, tags: readonly string[]): boolean {
  const shown = call.now - row.orderedAt >= call.state.config.manners.orderTagsAfter ? row.tags : [];
  return tags.every((tag) => shown.includes(tag));
}

/** The wire form of several tags is not documented, so all three usual ones are read. */
const tagsAskedFor = (query: URLSearchParams): readonly string[] =>
  [...query.getAll('tag'), ...query.getAll('tag[]')].flatMap((value) => value.split(',')).filter((tag) => tag !== '');

/** The filter's word `creating` is no status: it covers everything on the way. */
const hasStatus = (row: ServerRow, word: string): boolean =>
  row.status === word ||
  (word === 'creating' && row.deliveredAt === undefined && row.failedAt === undefined && row.releasingAt === undefined);
