import { fieldsOf, textOf } from '../json.ts';
import { aSample } from '../sample.ts';
import type { ContractCase } from './cases.ts';
import type { Session } from './session.ts';
import { continueOf } from './session.ts';

async function create(session: Session, ...names: readonly string[]): Promise<void> {
  for (const name of names) await session.post(session.samples, aSample(name));
}

export const readCases: readonly ContractCase[] = [
  [
    'what is not there, is not found',
    async (session) => {
      await session.get(session.sample('one'));
      await session.get(session.sample('one', 'status'));
      await session.get(session.samples);
      await session.get('/apis/contract.example.com/v1/others');
      await session.get('/apis/other.example.com/v1/samples');
      await session.get('/apis/contract.example.com/v9/samples');
    },
  ],
  [
    'a list is ordered by name and comes in pages',
    async (session) => {
      await create(session, 'delta', 'alpha', 'charlie', 'bravo', 'echo');
      await session.get(session.samples);
      const first = await session.get(`${session.samples}?limit=2`);
      const second = await session.get(`${session.samples}?limit=2&continue=${continueOf(first)}`);
      await session.get(`${session.samples}?limit=2&continue=${continueOf(second)}`);
      await session.get(`${session.samples}?limit=5`);
    },
  ],
  [
    'the pages of a list are all of one moment',
    async (session) => {
      await create(session, 'alpha', 'bravo', 'charlie', 'delta');
      const first = await session.get(`${session.samples}?limit=2`);
      await session.patch(session.sample('charlie'), { spec: { place: 'there' } });
      await session.delete(session.sample('delta'));
      await create(session, 'echo');
      await session.get(`${session.samples}?limit=9&continue=${continueOf(first)}`);
    },
  ],
  [
    'a list may be of one name',
    async (session) => {
      await create(session, 'alpha', 'bravo');
      await session.get(`${session.samples}?fieldSelector=metadata.name%3Dbravo`);
    },
  ],
  [
    'what is not older than a version that was seen',
    async (session) => {
      await create(session, 'one');
      const list = await session.get(session.samples);
      const version = textOf(fieldsOf(list.body['metadata'])['resourceVersion']) ?? '';
      await session.get(`${session.samples}?resourceVersion=${version}`);
      await session.get(`${session.sample('one')}?resourceVersion=${version}`);
      await session.settle();
      await session.get(`${session.samples}?resourceVersion=0`);
      await session.get(`${session.sample('one')}?resourceVersion=0`);
    },
  ],
  [
    'versions and tokens must be ones',
    async (session) => {
      await create(session, 'one');
      await session.get(`${session.samples}?resourceVersion=abc`);
      await session.get(`${session.samples}?limit=1&continue=abc`);
      await session.get(`${session.samples}?resourceVersion=99999999999`);
    },
  ],
];
