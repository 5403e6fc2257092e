import { readMarks } from '../../../../src/resources/names.ts';
import { addTag, removeTag, tagsOf } from './portal.ts';
import type { Scenarios } from './scenario.ts';
import { blocked, deliver, ready, serverOf, uidOf, WEB } from './user.ts';

/** Tags on the server: those of the spec, those of people, and the operator's own. */
export const TAGS: Scenarios = {
  'change tags': {
    script: async (sim) => {
      await deliver(sim);
      addTag(sim, serverOf(sim), 'somebody:else');
      sim.user.edit(WEB, { spec: { tags: ['team:db', 'tier:1'] } });
      await sim.until('the tags of the server are as wanted', () => {
        const tags = tagsOf(sim, serverOf(sim));
        const isWanted = tags.includes('team:db') && tags.includes('tier:1') && !tags.includes('team:web');
        return isWanted && tags.includes('somebody:else') && sim.isReady('web-1');
      });
    },
  },
  'a tag that the vendor refuses': {
    world: {
      faults: [
        {
          match: { operation: 'createFlexMetalServerTag', tag: 'team:bad' },
          do: { answer: { kind: 'error', status: 422, message: 'no such team' } },
        },
      ],
    },
    script: async (sim) => {
      await deliver(sim);
      sim.user.edit(WEB, { spec: { tags: ['team:bad', 'tier:1'] } });
      await blocked(sim, 'TagsPending');
      await sim.until('the other tag is on it', () => tagsOf(sim, serverOf(sim)).includes('tier:1'));
      sim.user.edit(WEB, { spec: { tags: ['team:good', 'tier:1'] } });
      await sim.until('the corrected tag is on it', () => tagsOf(sim, serverOf(sim)).includes('team:good'));
      await ready(sim);
    },
  },
  'our tags are taken off': {
    script: async (sim) => {
      await deliver(sim);
      const server = serverOf(sim);
      const ours = tagsOf(sim, server).filter((tag) => tag.startsWith('flexmetal-'));
      for (const tag of ours) removeTag(sim, server, tag);
      const isBack = (): boolean => ours.every((tag) => tagsOf(sim, server).includes(tag));
      await sim.until('they are back', () => isBack() && sim.isReady('web-1'));
    },
  },
  /** What an operator with another tag scheme has left: of our tags only cluster, uid and object are read for ever. */
  'an old tag scheme': {
    script: async (sim) => {
      await deliver(sim);
      const server = serverOf(sim);
      const { attempts } = readMarks(tagsOf(sim, server));
      for (const tag of ['flexmetal-operator:v1', ...attempts.map((attempt) => `flexmetal-attempt:${attempt}`)])
        removeTag(sim, server, tag);
      for (const tag of ['flexmetal-operator:v0', `flexmetal-owner:${uidOf(sim)}`]) addTag(sim, server, tag);
      sim.restartWith({ mode: 'normal' });
      await sim.until('the scheme is ours', () => tagsOf(sim, server).includes('flexmetal-operator:v1'));
      await ready(sim);
      await sim.until('what was there before is left alone', () =>
        tagsOf(sim, server).includes('flexmetal-operator:v0'),
      );
    },
  },
  'deleted under an old tag scheme': {
    script: async (sim) => {
      await deliver(sim);
      const server = serverOf(sim);
      removeTag(sim, server, 'flexmetal-operator:v1');
      addTag(sim, server, 'flexmetal-operator:v0');
      sim.user.delete(WEB);
      sim.restartWith({ mode: 'normal' });
      await sim.until('web-1 is gone', () => sim.object('web-1') === undefined);
    },
  },
};
