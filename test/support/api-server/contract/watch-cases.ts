import { aSample } from '../sample.ts';
import type { ContractCase } from './cases.ts';
import type { Session } from './session.ts';
import { versionOf } from './session.ts';

const from = async (session: Session, more = ''): Promise<string> => {
  const list = await session.get(session.samples);
  return `${session.samples}?watch=true&resourceVersion=${versionOf(list)}${more}`;
};

export const watchCases: readonly ContractCase[] = [
  [
    'a watch tells of each change once, in order, and of no change that changed nothing',
    async (session) => {
      const path = await from(session);
      const meanwhile = async (): Promise<void> => {
        await session.post(session.samples, aSample('one'));
        await session.patch(session.sample('one'), { spec: { place: 'there' } });
        await session.patch(session.sample('one'), { spec: { place: 'there' } });
        await session.patch(session.sample('one', 'status'), { status: { phase: 'Up' } });
        await session.post(session.samples, aSample('two'));
        await session.delete(session.sample('one'));
      };
      await session.watch({ path, meanwhile, lines: 5 });
    },
  ],
  [
    'a watch begins after the version that it names',
    async (session) => {
      await session.post(session.samples, aSample('before'));
      const path = await from(session);
      await session.post(session.samples, aSample('after'));
      await session.delete(session.sample('before'));
      await session.watch({ path, lines: 2 });
    },
  ],
  [
    'a watch from nowhere begins with all there is',
    async (session) => {
      await session.post(session.samples, aSample('alpha'));
      await session.post(session.samples, aSample('bravo'));
      await session.settle();
      const meanwhile = async (): Promise<void> => {
        await session.settle();
        await session.patch(session.sample('alpha'), { spec: { place: 'there' } });
      };
      await session.watch({ path: `${session.samples}?watch=true`, meanwhile, lines: 3 });
      await session.settle();
      await session.watch({ path: `${session.samples}?watch=1&resourceVersion=0`, lines: 2 });
    },
  ],
  [
    'a watch shows how an object is deleted; the last word is its last stored state',
    async (session) => {
      await session.post(
        session.samples,
        aSample('one', { metadata: { finalizers: ['example.com/a', 'example.com/b'] } }),
      );
      const path = await from(session);
      const meanwhile = async (): Promise<void> => {
        await session.delete(session.sample('one'));
        await session.delete(session.sample('one'));
        await session.patch(session.sample('one'), { metadata: { finalizers: ['example.com/b'] } });
        await session.patch(session.sample('one'), { metadata: { finalizers: [] } });
      };
      await session.watch({ path, meanwhile, lines: 3 });
    },
  ],
  [
    'a watch may be of one name',
    async (session) => {
      const path = await from(session, '&fieldSelector=metadata.name%3Dtwo');
      const meanwhile = async (): Promise<void> => {
        await session.post(session.samples, aSample('one'));
        await session.post(session.samples, aSample('two'));
        await session.delete(session.sample('one'));
        await session.delete(session.sample('two'));
      };
      await session.watch({ path, meanwhile, lines: 2 });
    },
  ],
  [
    'the server ends a watch after the time that the client names',
    async (session) => {
      await session.watch({ path: await from(session, '&timeoutSeconds=1') });
    },
  ],
  [
    'a watch that may have bookmarks gets one before its end, when something has happened',
    async (session) => {
      const meanwhile = async (): Promise<void> => {
        await session.post(session.samples, aSample('one'));
      };
      await session.watch({ path: await from(session, '&timeoutSeconds=5&allowWatchBookmarks=true'), meanwhile });
    },
  ],
  [
    'a watch from a version that is forgotten is told so, and ends',
    async (session) => {
      await session.watch({ path: `${session.samples}?watch=true&resourceVersion=1&timeoutSeconds=5` });
    },
  ],
  [
    'a watch from no version is refused',
    async (session) => {
      await session.watch({ path: `${session.samples}?watch=true&resourceVersion=abc`, lines: 1 });
    },
  ],
];
