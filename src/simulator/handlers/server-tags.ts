import type { Call, Handler } from '../call.ts';
import { notFound, serverOf } from '../call.ts';
import { replaceRow } from '../delivery.ts';
import { ERROR_CODE } from '../error-codes.ts';
import type { Answer } from '../replies.ts';
import { okRows, refusal } from '../replies.ts';
import { TAG } from '../request-bodies.ts';
import { renderServer } from '../server-view.ts';
import type { ServerRow } from '../world-state.ts';

/** The vendor's limit of tags on one server. */
const TAGS_MAX = 60;

/** POST /v3/flexMetal/servers/{uuid}/tag/{tag} */
export const addServerTag: Handler = (call) => {
  const row = serverOf(call);
  if (row === undefined) return notFound;
  const tag = call.params.get('tag') ?? '';
  const { manners } = call.state.config;
  if (row.tags.includes(tag)) {
    if (manners.tagTwice === 'accept') return shown(call, row);
    return refusal(
      manners.tagTwice === 'conflict' ? 409 : 422,
      ERROR_CODE.duplicate,
      'The server has this tag already',
    );
  }
  if (!TAG.test(tag))
    return refusal(422, ERROR_CODE.invalidValue, 'Unprocessable content', [
      { property: 'tag', message: `Must match ${TAG.source}` },
    ]);
  if (row.tags.length >= TAGS_MAX) return refusal(422, ERROR_CODE.invalidValue, `A server can have ${TAGS_MAX} tags`);
  return endedRefusal(call, row) ?? shown(call, retag(call, row, [...row.tags, tag]));
};

/** DELETE /v3/flexMetal/servers/{uuid}/tag/{tag} */
export const removeServerTag: Handler = (call) => {
  const row = serverOf(call);
  if (row === undefined) return notFound;
  const tag = call.params.get('tag') ?? '';
  if (!row.tags.includes(tag)) return call.state.config.manners.untagMissing === 'accept' ? shown(call, row) : notFound;
  return (
    endedRefusal(call, row) ??
    shown(
      call,
      retag(
        call,
        row,
        row.tags.filter((kept) => kept !== tag),
      ),
    )
  );
};

/** Gives a server other tags. */
export function retag(call: Call, row: ServerRow, tags: readonly string[]): ServerRow {
  const known = call.state.account(row.account).tags;
  for (const tag of tags) known.add(tag);
  call.state.history.add(call.now, {
    kind: 'tags',
    uuid: row.uuid,
    tags,
    cause: { kind: 'request', requestId: call.requestId },
  });
  return replaceRow(call.state, row, { tags, tagsEver: [...new Set([...row.tagsEver, ...tags])] });
}

const shown = (call: Call, row: ServerRow): Answer => okRows([renderServer(call.state, row, call.now)]);

function endedRefusal(call: Call, row: ServerRow): Answer | undefined {
  const ended = row.failedAt !== undefined || row.releasingAt !== undefined;
  if (!ended || call.state.config.manners.tagsAfterEnd === 'accept') return undefined;
  return refusal(422, ERROR_CODE.ended, 'The server is in a terminal state');
}
