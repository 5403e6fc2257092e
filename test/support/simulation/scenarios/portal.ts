import { FaultRule } from '../../../../src/simulator/faults.ts';
import type { FaultRuleInput } from '../../../../src/simulator/faults.ts';
import type { WorldConfigInput } from '../../../../src/simulator/config.ts';
import type { ServerUuid } from '../../../../src/base/ids.ts';
import { parseServerUuid } from '../../../../src/base/ids.ts';
import { AN_ORDER } from '../../simulated-world.ts';
import { CANARIES } from '../canaries.ts';
import type { Simulation } from '../simulation.ts';

/** What people do at the vendor, past the operator. */

const SERVERS = '/v3/flexMetal/servers';

/** Orders a server by hand. */
export function orderAtPortal(sim: Simulation, order: object, token?: string): ServerUuid {
  const [server] = [JSON.parse(call(sim, 'POST', SERVERS, token, { ...AN_ORDER, ...order }))].flat();
  const uuid = parseServerUuid(String(server.uuid));
  if (uuid === undefined) throw new Error('the vendor gave no uuid');
  sim.strangers.add(uuid);
  return uuid;
}

export const addTag = (sim: Simulation, uuid: string, tag: string): void =>
  void call(sim, 'POST', `${SERVERS}/${uuid}/tag/${encodeURIComponent(tag)}`);

export const removeTag = (sim: Simulation, uuid: string, tag: string): void =>
  void call(sim, 'DELETE', `${SERVERS}/${uuid}/tag/${encodeURIComponent(tag)}`);

export const releaseAtPortal = (sim: Simulation, uuid: string): void => {
  sim.world.release(sim.clock.now(), known(uuid));
};

export const tagsOf = (sim: Simulation, uuid: string): readonly string[] => sim.world.server(known(uuid))?.tags ?? [];

/** A world in which something happens to the first order that arrives. */
export const firstOrder = (what: FaultRuleInput['do']): WorldConfigInput => ({
  faults: [{ match: { operation: 'createFlexMetalServer', nth: 1 }, do: what }],
});

/** The vendor misbehaves from now on until the returned function is called. */
export function breakVendor(sim: Simulation, rule: FaultRuleInput): () => void {
  const id = sim.world.addFault(FaultRule.parse(rule));
  return () => void sim.world.removeFault(id);
}

function known(text: string): ServerUuid {
  const uuid = parseServerUuid(text);
  if (uuid === undefined) throw new Error(`the script names no server: ${text}`);
  return uuid;
}

function call(sim: Simulation, method: string, path: string, token: string = CANARIES.token, body?: object): string {
  const headers = { 'private-token': token };
  const request = { method, path, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const reply = sim.world.apply(sim.clock.now(), request);
  if (reply.status >= 300) throw new Error(`the vendor refuses ${method} ${path}: ${reply.body}`);
  return reply.body;
}
