import type { Call, Handler } from '../call.ts';
import { notFound } from '../call.ts';
import { ERROR_CODE } from '../error-codes.ts';
import { rangeOf } from '../paging.ts';
import type { Answer } from '../replies.ts';
import { noContent, ok, refusal } from '../replies.ts';
import { readBody, TAG, TagBody } from '../request-bodies.ts';
import type { ServerRow } from '../world-state.ts';
import { retag } from './server-tags.ts';

/** GET /v3/flexMetal/tags */
export const listTags: Handler = (call) => {
  const { start, results } = rangeOf(call.headers, call.state.config.manners.pageMax);
  const tags = [...call.state.account(call.account).tags].toSorted();
  return ok(tags.slice(start, start + results).map((tag) => tagBody(call, tag)));
};

/** POST /v3/flexMetal/tags */
export const createTag: Handler = (call) => {
  const parsed = readBody(TagBody, call.body, 422);
  if (parsed.kind === 'refused') return parsed.answer;
  const { tag } = parsed.value;
  const known = call.state.account(call.account).tags;
  if (!TAG.test(tag)) return malformedTag;
  // As the vendor's own client expects it: no list of problems, the text in errorMessage only.
  if (known.has(tag)) return refusal(422, ERROR_CODE.duplicate, 'tag already exists, ');
  known.add(tag);
  return ok([tagBody(call, tag)]);
};

/** GET /v3/flexMetal/tags/{tag} */
export const getTag: Handler = (call) => {
  const tag = call.params.get('tag') ?? '';
  return call.state.account(call.account).tags.has(tag) ? ok([tagBody(call, tag)]) : notFound;
};

/** PUT /v3/flexMetal/tags/{tag}: renames. */
export const renameTag: Handler = (call) => {
  const known = call.state.account(call.account).tags;
  const old = call.params.get('tag') ?? '';
  if (!known.has(old)) return notFound;
  const parsed = readBody(TagBody, call.body, 422);
  if (parsed.kind === 'refused') return parsed.answer;
  const { tag } = parsed.value;
  if (!TAG.test(tag)) return malformedTag;
  if (tag !== old && known.has(tag)) return refusal(409, ERROR_CODE.duplicate, 'New tag name already exists');
  known.delete(old);
  known.add(tag);
  changeOnServers(call, old, (tags) => tags.map((each) => (each === old ? tag : each)));
  return ok([tagBody(call, tag)]);
};

/** DELETE /v3/flexMetal/tags/{tag} */
export const deleteTag: Handler = (call) => {
  const tag = call.params.get('tag') ?? '';
  if (!call.state.account(call.account).tags.delete(tag)) return notFound;
  changeOnServers(call, tag, (tags) => tags.filter((each) => each !== tag));
  return noContent;
};

const malformedTag: Answer = refusal(422, ERROR_CODE.invalidValue, 'Unprocessable content', [
  { property: 'tag', message: `Must match ${TAG.source}` },
]);

function changeOnServers(call: Call, tag: string, change: (tags: readonly string[]) => readonly string[]): void {
  if (!call.state.config.manners.accountTagsReachServers) return;
  for (const row of carriers(call, tag)) retag(call, row, change(row.tags));
}

const carriers = (call: Call, tag: string): readonly ServerRow[] =>
  [...call.state.servers.values()].filter((row) => row.account === call.account && row.tags.includes(tag));

function tagBody(call: Call, tag: string): object {
  const count = carriers(call, tag).filter((row) => row.releasedAt === undefined).length;
  return { tag, resources: { count, flexMetalServers: { count } } };
}
