import type { Call, Handler } from '../call.ts';
import type { InstanceType, Location } from '../catalogue.ts';
import { findTypeAt, instanceTypeId, typesAt } from '../catalogue.ts';
import type { WorldConfig } from '../config.ts';
import { ok } from '../replies.ts';
import { contractInUse, quotaOf, usageOnDemand } from '../supply.ts';
import { typeBody } from './catalogue.ts';

/** GET /v3/flexMetal/capacity/commit */
export const listCommits: Handler = (call) =>
  ok(
    call.state.config.catalogue.locations
      .map((location) => ({
        location,
        commits: contractsAt(call, location).map((contract) => commitBody(call, location, contract)),
      }))
      .filter(({ commits }) => commits.length > 0),
  );

/** GET /v3/flexMetal/quota/usage */
export const listQuotaUsage: Handler = (call) =>
  ok(
    call.state.config.catalogue.locations.map((location) => ({
      location: { id: location.id, name: location.name },
      quotaUsage: [
        ...typesAt(call.state.config.catalogue, location).map((type) => onDemandBody(call, location, type)),
        ...contractsAt(call, location).map((contract) => committedBody(call, location, contract)),
      ],
    })),
  );

interface ContractAt {
  readonly contract: WorldConfig['contracts'][number];
  readonly type: InstanceType;
}

function contractsAt(call: Call, location: Location): readonly ContractAt[] {
  const { contracts, catalogue } = call.state.config;
  return contracts
    .filter((contract) => contract.account === call.account && contract.location === location.name)
    .map((contract) => ({ contract, type: findTypeAt(catalogue, location, contract.instanceType) }))
    .flatMap(({ contract, type }) => (type === undefined ? [] : [{ contract, type }]));
}

const commitBody = (call: Call, location: Location, { contract, type }: ContractAt): object => ({
  instanceType: typeBody(call, location, type),
  capacity: contract.capacity,
  inUse: inUse(call, location, contract, type),
});

const onDemandBody = (call: Call, location: Location, type: InstanceType): object => {
  const place = { location: location.name, instanceType: type.name };
  return {
    instanceType: { id: instanceTypeId(call.state.config.catalogue, location, type), name: type.name },
    quotaType: 'onDemand',
    contractId: '',
    quota: quotaOf(call.state, call.account, place),
    usage: usageOnDemand(call.state, call.account, place),
  };
};

const committedBody = (call: Call, location: Location, { contract, type }: ContractAt): object => ({
  instanceType: { id: instanceTypeId(call.state.config.catalogue, location, type), name: type.name },
  quotaType: 'commit',
  contractId: contract.contractId,
  quota: contract.capacity,
  usage: inUse(call, location, contract, type),
});

const inUse = (call: Call, location: Location, contract: ContractAt['contract'], type: InstanceType): number =>
  contractInUse(call.state, call.account, contract.contractId, { location: location.name, instanceType: type.name });
