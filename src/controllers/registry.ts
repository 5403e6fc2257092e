import type { Resource } from '../kube/resource.ts';
import { ServerController } from './server/controller.ts';
import { FLEXMETALSERVERS } from './server/object.ts';

/** The kinds that the operator works on: each a folder in resources, core and controllers, and a line here. */
export const KINDS = {
  server: { resource: FLEXMETALSERVERS, controller: ServerController, name: 'flexmetalserver' },
} as const satisfies Record<
  string,
  { readonly resource: Resource; readonly controller: unknown; readonly name: string }
>;
