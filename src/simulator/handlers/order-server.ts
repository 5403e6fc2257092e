import type { ServerUuid } from '../../base/ids.ts';
import type { Call, Handler } from '../call.ts';
import type { InstanceType, Location, OperatingSystem } from '../catalogue.ts';
import { findLocation, findOperatingSystem, findTypeAt, normalName } from '../catalogue.ts';
import { beginDelivery, FIRST_STATUS } from '../delivery.ts';
import { ERROR_CODE } from '../error-codes.ts';
import type { Delivery } from '../faults.ts';
import type { Answer, Problem } from '../replies.ts';
import { refusal } from '../replies.ts';
import type { OrderBody } from '../request-bodies.ts';
import { isPublicKey, OrderBody as OrderSchema, readBody } from '../request-bodies.ts';
import { renderServer } from '../server-view.ts';
import { contractInUse, contractOf, quotaOf, stockLeft, usageOnDemand } from '../supply.ts';
import type { ServerRow } from '../world-state.ts';

/** POST /v3/flexMetal/servers: no idempotency key, no unique names; every accepted call is another server. */
export const orderServer: Handler = (call) => {
  const parsed = readBody(OrderSchema, call.body, 400);
  if (parsed.kind === 'refused') return parsed.answer;
  const order = parsed.value;
  const choice = chosen(call, order);
  if ('status' in choice) return choice;
  const supply = supplyOf(call, order, choice);
  if ('status' in supply) return supply;
  const row = addServer(call, order, choice, supply);
  const text = renderServer(call.state, row, call.now);
  return { status: 200, body: call.state.config.manners.createReply === 'array' ? `[${text}]` : text };
};

interface Choice {
  readonly location: Location;
  readonly instanceType: InstanceType;
  readonly system: OperatingSystem;
}

function chosen(call: Call, order: OrderBody): Choice | Answer {
  const { catalogue } = call.state.config;
  const location = findLocation(catalogue, order.location);
  const instanceType = location === undefined ? undefined : findTypeAt(catalogue, location, order.instanceType);
  const system = findOperatingSystem(catalogue, order.os.slug);
  const needsKey = call.state.config.manners.sshKeyNeeded === 'bySystem' && system?.family === 'linux';
  if (needsKey && order.sshKey === undefined) {
    return refusal(400, ERROR_CODE.invalidBody, 'Invalid request body', [
      { property: 'sshKey', message: 'This value is required.' },
    ]);
  }
  const problems: Problem[] = [
    ...(order.name.trim() === '' ? [{ property: 'name', message: 'This value should not be blank.' }] : []),
    ...(location === undefined ? [{ property: 'location', message: 'This location does not exist.' }] : []),
    ...(location !== undefined && instanceType === undefined
      ? [{ property: 'instanceType', message: 'This instance type is not available at the location.' }]
      : []),
    ...(system === undefined
      ? [{ property: 'os.slug', message: 'This operating system does not exist.' }]
      : systemProblems(order, system)),
    ...(needsKey && order.sshKey?.length === 0
      ? [{ property: 'sshKey', message: 'This operating system needs a key.' }]
      : []),
    ...keyProblems(call, order.sshKey ?? []),
  ];
  if (problems.length > 0 || location === undefined || instanceType === undefined || system === undefined)
    return invalid(problems);
  return { location, instanceType, system };
}

function systemProblems(order: OrderBody, system: OperatingSystem): readonly Problem[] {
  const { partitions = [], ipxeScriptUrl = '' } = order.os;
  const problems: Problem[] = [];
  if (partitions.length > 0 && system.family !== 'linux') {
    problems.push({ property: 'os.partitions', message: 'Only Linux can be partitioned.' });
  }
  if (partitions.filter((partition) => partition.size === REST_OF_DISK).length > 1) {
    problems.push({ property: 'os.partitions', message: 'Only one partition can take the remaining space.' });
  }
  if (partitions.some((partition) => partition.size !== REST_OF_DISK && partition.size <= 0)) {
    problems.push({ property: 'os.partitions', message: 'The size should be positive, or -1.' });
  }
  if ((system.family === 'ipxe') !== (ipxeScriptUrl !== '')) {
    problems.push({ property: 'os.ipxeScriptUrl', message: 'Give it with custom-ipxe, and only then.' });
  }
  return problems;
}

const REST_OF_DISK = -1;

function keyProblems(call: Call, keys: readonly string[]): readonly Problem[] {
  const stored = call.state.account(call.account).sshKeys;
  return keys
    .map((key, at) => ({ key, property: `sshKey[${at}]` }))
    .filter(({ key }) => !stored.has(key.toLowerCase()) && !isPublicKey(key))
    .map(({ property }) => ({ property, message: 'Neither a stored key nor a public key.' }));
}

interface Supply {
  /** Empty: on demand. */
  readonly contractId: string;
  readonly delivery: Delivery | undefined;
}

function supplyOf(call: Call, order: OrderBody, choice: Choice): Supply | Answer {
  const { state, account } = call;
  const place = { location: choice.location.name, instanceType: choice.instanceType.name };
  const contractId = order.contractId ?? '';
  let onDemand = contractId === '';
  if (!onDemand) {
    const contract = contractOf(state, account, contractId, place);
    if (contract === undefined) {
      return invalid([
        { property: 'contractId', message: 'There is no such contract for this location and instance type.' },
      ]);
    }
    onDemand = contractInUse(state, account, contractId, place) >= contract.capacity;
    if (onDemand && order.overflow !== true) {
      return refusal(
        422,
        ERROR_CODE.contractExhausted,
        'The committed capacity is in use; allow overflow to order on demand',
      );
    }
  }
  if (onDemand && usageOnDemand(state, account, place) >= quotaOf(state, account, place)) {
    return refusal(422, ERROR_CODE.quotaExceeded, 'The quota for this location and instance type is used up');
  }
  const inStock = stockLeft(state, place) > 0;
  if (!inStock && state.config.manners.outOfStock === 'refuse') {
    return refusal(422, ERROR_CODE.outOfStock, 'No machine of this instance type is left at this location');
  }
  const unstocked: Delivery = { kind: 'fails', at: 'allocating', message: 'no machine of this type is left' };
  return { contractId: onDemand ? '' : contractId, delivery: inStock ? call.fault?.delivery : unstocked };
}

function addServer(call: Call, order: OrderBody, choice: Choice, supply: Supply): ServerRow {
  const { state, now, account, requestId } = call;
  const uuid: ServerUuid = state.newUuid(now);
  const tags = [...new Set(order.tags)];
  const row: ServerRow = {
    uuid,
    account,
    name: order.name.trim(),
    location: choice.location,
    instanceType: choice.instanceType,
    osSlug: normalName(choice.system.slug),
    status: FIRST_STATUS,
    statusMessage: '',
    addresses: [],
    tags,
    tagsEver: tags,
    contractId: supply.contractId,
    orderedAt: now,
    deliveredAt: undefined,
    releasingAt: undefined,
    releasedAt: undefined,
    failedAt: undefined,
    orderedBy: requestId,
    releasedBy: undefined,
    course: 0,
  };
  state.servers.set(uuid, row);
  for (const tag of tags) state.account(account).tags.add(tag);
  const { name, location, instanceType } = row;
  state.history.add(now, {
    kind: 'ordered',
    requestId,
    uuid,
    account,
    name,
    location: location.name,
    instanceType: instanceType.name,
    tags,
  });
  beginDelivery(state, row, now, supply.delivery);
  return row;
}

const invalid = (problems: readonly Problem[]): Answer =>
  refusal(422, ERROR_CODE.invalidValue, 'Unprocessable content', problems);
