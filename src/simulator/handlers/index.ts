import type { Handler } from '../call.ts';
import type { Operation } from '../operations.ts';
import { createTag, deleteTag, getTag, listTags, renameTag } from './account-tags.ts';
import { listCommits, listQuotaUsage } from './capacity.ts';
import { listInstanceTypes, listLocations, listOperatingSystems } from './catalogue.ts';
import { orderServer } from './order-server.ts';
import { addServerTag, removeServerTag } from './server-tags.ts';
import { getRootPassword, getServer, listServers, releaseServer } from './servers.ts';
import { createSshKey, deleteSshKey, getSshKey, listSshKeys } from './ssh-keys.ts';
import { listUsage } from './usage.ts';

/** Who carries out which operation. */
export const HANDLERS = {
  getFlexMetalServers: listServers,
  createFlexMetalServer: orderServer,
  getFlexMetalServer: getServer,
  deleteFlexMetalServer: releaseServer,
  getFlexMetalServerRootPasswords: getRootPassword,
  createFlexMetalServerTag: addServerTag,
  deleteFlexMetalServerTag: removeServerTag,
  getFlexMetalCapacityCommits: listCommits,
  getFlexMetalLocations: listLocations,
  getFlexMetalLocationInstanceTypes: listInstanceTypes,
  getFlexMetalTags: listTags,
  createFlexMetalTag: createTag,
  getFlexMetalTag: getTag,
  updateFlexMetalTag: renameTag,
  deleteFlexMetalTag: deleteTag,
  getFlexMetalQuotaUsages: listQuotaUsage,
  getFlexMetalUsages: listUsage,
  getOperatingsystems: listOperatingSystems,
  getSshKeys: listSshKeys,
  createSshKey,
  getSshKey,
  deleteSshKey,
} as const satisfies Record<Operation, Handler>;
