import type { Call, Handler } from '../call.ts';
import { notFound } from '../call.ts';
import { ERROR_CODE } from '../error-codes.ts';
import { noContent, ok, refusal } from '../replies.ts';
import { isPublicKey, readBody, SshKeyBody } from '../request-bodies.ts';
import { unixSeconds } from '../server-view.ts';
import type { SshKeyRow } from '../world-state.ts';

/** GET /v3/sshKey: all of them; no paging is documented here. */
export const listSshKeys: Handler = (call) => ok([...keysOf(call).values()].map((key) => keyBody(call, key)));

/** POST /v3/sshKey */
export const createSshKey: Handler = (call) => {
  const parsed = readBody(SshKeyBody, call.body, 422);
  if (parsed.kind === 'refused') return parsed.answer;
  const { name, publicKey } = parsed.value;
  const problems = [
    ...(name.trim() === '' ? [{ property: 'name', message: 'This value should not be blank.' }] : []),
    ...(isPublicKey(publicKey) ? [] : [{ property: 'publicKey', message: 'This is no public key.' }]),
  ];
  if (problems.length > 0) return refusal(422, ERROR_CODE.invalidValue, 'Unprocessable Entity', problems);
  const key: SshKeyRow = { uuid: call.state.newUuid(call.now), name, publicKey, createdAt: call.now };
  keysOf(call).set(key.uuid, key);
  return ok([keyBody(call, key)]);
};

/** GET /v3/sshKey/{uuid} */
export const getSshKey: Handler = (call) => {
  const key = keysOf(call).get(uuidOf(call));
  return key === undefined ? notFound : ok([keyBody(call, key)]);
};

/** DELETE /v3/sshKey/{uuid} */
export const deleteSshKey: Handler = (call) => {
  const uuid = uuidOf(call);
  if (!UUID.test(uuid)) return refusal(400, ERROR_CODE.invalidValue, 'Invalid UUID');
  return keysOf(call).delete(uuid) ? noContent : notFound;
};

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

const uuidOf = (call: Call): string => (call.params.get('uuid') ?? '').toLowerCase();

const keysOf = (call: Call): Map<string, SshKeyRow> => call.state.account(call.account).sshKeys;

const keyBody = (call: Call, { uuid, name, publicKey, createdAt }: SshKeyRow): object => ({
  uuid,
  name,
  publicKey,
  createdAt: unixSeconds(call.state.apiTime(createdAt)),
});
