import type { Rule } from '../../model/decision.ts';
import { readAnswer } from '../answers.ts';

/** A person answered a block. An answer that cannot be acted on holds nothing up; status says why it was refused. */
export const resolve: Rule = (s) => {
  const answer = readAnswer(s);
  return answer.kind === 'accepted' ? answer.decision : undefined;
};
