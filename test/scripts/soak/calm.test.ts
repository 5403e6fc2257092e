import { expect, test } from 'vitest';
import { unexplained } from '../../../scripts/soak/calm.ts';
import type { Life } from '../../../scripts/soak/lives.ts';
import { parseObject } from '../../../scripts/soak/objects.ts';

const UID = '11111111-1111-4111-8111-111111111111';

const object = (reason: string, status = 'False') =>
  parseObject({
    metadata: { name: 'web', uid: UID },
    status: { conditions: [{ type: 'Ready', status, reason, message: 'so it is' }] },
  });
const life = (endedBy: Life['endedBy'], uid = UID): Life => ({
  uuid: 'u',
  orderedAt: 1,
  uids: [uid],
  endedAt: 2,
  endedBy,
});

test.each([
  ['Ready needs no reason', object('Ready', 'True'), []],
  ['a failed delivery explains ProvisioningFailed', object('ProvisioningFailed'), [life('delivery')]],
  ['a failed server that has left the lists is Lost', object('Lost'), [life('delivery')]],
  ['a release by somebody else explains Lost', object('Lost'), [life('request'), life('admin')]],
])('%s', (_name, one, lives) => {
  expect(unexplained(one, lives)).toBeUndefined();
});

test.each([
  ['a Lost whose server lives', object('Lost'), [life(undefined)]],
  ['a Lost whose server the operator released', object('Lost'), [life('request')]],
  ["a Lost after another object's loss", object('Lost'), [life('admin', 'other')]],
  ['any other reason', object('DuplicateServers'), [life('admin')]],
  ['no condition at all', parseObject({ metadata: { name: 'web', uid: UID } }), []],
])('%s is not explained', (_name, one, lives) => {
  expect(unexplained(one, lives)).toContain(`web (${UID}) is`);
});
