import { minutes } from '../../../src/base/time.ts';
import { ANNOTATION } from '../../../src/resources/names.ts';
import { fieldsOf, textOf } from '../../support/api-server/json.ts';
import type { JsonObject } from '../../support/api-server/json.ts';
import { aServer } from '../../support/simulation/scenarios.ts';
import type { Simulation } from '../../support/simulation/simulation.ts';
import { conditionOf } from '../../support/simulation/simulation.ts';
import type { Everybody } from './acts.ts';
import { commandsIn, deletedAt, uidOf } from './acts.ts';

/** A person looks so often, and at most so many times: a settle window and a delivery take some rounds, an hour's back-off many. */
const LOOKS_EVERY = minutes(4);
const ROUNDS_MAX = 60;
/** Some servers fail five minutes after their delivery: what is calm for eight minutes stays so. */
const CALM_LOOKS = 3;

/**
 * Takes the documented way out of every block until every object is Ready or gone. Where there is more than one, `choice` and
 * the round say which, so that none is left out for long.
 * @returns what could not be brought to an end, in one sentence; undefined when all was
 */
export async function sortOut(sim: Simulation, everybody: Everybody, choice: number): Promise<string | undefined> {
  let calm = 0;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    await sim.pass(LOOKS_EVERY);
    calm = isSorted(sim) ? calm + 1 : 0;
    if (calm === CALM_LOOKS) return undefined;
    for (const object of sim.objects()) if (!isReady(object)) help(sim, everybody, object, choice + round);
  }
  return `after ${ROUNDS_MAX} rounds of a person's help: ${sim.describe()}`;
}

const isReady = (object: JsonObject): boolean =>
  conditionOf(object, 'Ready')['status'] === 'True' &&
  deletedAt(object) === undefined &&
  annotationsOf(object)[ANNOTATION.paused] === undefined;

const isSorted = (sim: Simulation): boolean => sim.objects().every(isReady);

/** What docs/behaviour.md says a person does about this reason. Nothing for those that end by themselves. */
function help(sim: Simulation, everybody: Everybody, object: JsonObject, choice: number): void {
  const name = textOf(fieldsOf(object['metadata'])['name']) ?? '';
  const ready = conditionOf(object, 'Ready');
  const message = textOf(ready['message']) ?? '';
  // Also while Ready: nobody wants to leave it so.
  if (annotationsOf(object)[ANNOTATION.paused] !== undefined) return everybody.annotate(name, ANNOTATION.paused, null);
  switch (textOf(ready['reason'])) {
    case 'Protected':
      return void sim.user.edit(aServer(name), { spec: { deletionProtection: false } });
    case 'InputsMissing':
      return everybody.createSecret();
    case 'OrderRefused':
      return message.includes('delete this object') ? everybody.delete(name) : correct(everybody, name);
    case 'Slow':
      return everybody.delete(name);
    case 'OrderUnclear':
      return removeUnreadable(sim, everybody, name, message);
    case 'ProvisioningFailed':
    case 'Lost':
    case 'Forgotten':
      return choice % 3 === 0 ? everybody.delete(name) : answer(everybody, object, name, choice);
    case 'OwnershipUnproven':
      return ownership(everybody, object, name, message, choice);
    case 'DuplicateServers':
    case 'PreviousServerExists':
    case 'SuspectServer':
    case 'AccountChanged':
    case 'ReleaseStuck':
      return answer(everybody, object, name, choice);
    default:
      return undefined;
  }
}

const annotationsOf = (object: JsonObject): JsonObject => fieldsOf(fieldsOf(object['metadata'])['annotations']);

/** One of the commands in the message. */
function answer(everybody: Everybody, object: JsonObject, name: string, choice: number): void {
  const commands = commandsIn(object);
  const command = commands[choice % Math.max(1, commands.length)];
  if (command === undefined) return;
  if (command.annotation === 'resolve') everybody.answer(name, command.value);
  else everybody.forceForget(name, command.value);
}

function correct(everybody: Everybody, name: string): void {
  everybody.edit(name, 'location', 0);
  everybody.edit(name, 'type', 0);
}

/** Both copies, when the message says that they cannot be read. */
function removeUnreadable(sim: Simulation, everybody: Everybody, name: string, message: string): void {
  if (!message.includes('cannot be read')) return;
  everybody.annotate(name, ANNOTATION.order, null);
  if (message.includes('status.order')) sim.user.edit(aServer(name), { status: null }, 'status');
}

/** The tags are put right at the vendor's, as the message says, or one of the other commands is given. */
function ownership(everybody: Everybody, object: JsonObject, name: string, message: string, choice: number): void {
  const server = UUID.exec(message)?.[0];
  const strangers = /another object(?:'s)? \(([^)]*)\)/.exec(message)?.[1]?.split(', ') ?? [];
  if (choice % 2 === 1 || server === undefined) return answer(everybody, object, name, choice >> 1);
  for (const stranger of strangers) everybody.tag('DELETE', server, `flexmetal-uid:${stranger}`);
  if (message.includes('Put the tag')) everybody.tag('POST', server, `flexmetal-uid:${uidOf(object)}`);
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
