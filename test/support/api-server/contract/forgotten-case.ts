import { aSample } from '../sample.ts';
import type { Session } from './session.ts';
import { continueOf, versionOf } from './session.ts';

/**
 * What becomes of versions and continue tokens that the server no longer knows.
 * @param forget makes the server drop everything but the present state
 */
export async function forgottenCase(session: Session, forget: () => Promise<void>): Promise<void> {
  for (const name of ['alpha', 'bravo', 'charlie']) await session.post(session.samples, aSample(name));
  const first = await session.get(`${session.samples}?limit=1`);
  await session.delete(session.sample('charlie'));
  await session.post(session.samples, aSample('delta'));
  await forget();
  const refused = await session.get(`${session.samples}?limit=1&continue=${continueOf(first)}`);
  await session.get(`${session.samples}?limit=9&continue=${continueOf(refused)}`);
  await session.watch({ path: `${session.samples}?watch=true&resourceVersion=${versionOf(first)}&timeoutSeconds=5` });
  await session.get(session.samples);
}
