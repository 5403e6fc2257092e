import { readFile } from 'node:fs/promises';
import type { WorldConfigInput } from '../../../src/simulator/config.ts';
import { Objects } from '../../cluster/support/objects.ts';
import { QUICK } from '../../cluster/support/operator-process.ts';
import { operatorAccount } from '../../cluster/support/rbac.ts';
import { createNamespace } from '../cluster/kit.ts';
import type { ContainedControlPlane } from './control-plane.ts';
import { KUBERNETES_URL } from './control-plane.ts';
import type { Images } from './images.ts';
import type { Flags } from './operator.ts';
import { OperatorContainer } from './operator.ts';
import type { ContainedVendor } from './vendor.ts';
import { startVendor } from './vendor.ts';

/** A namespace, a vendor and operators for one test, each in its own container. */
export interface Stage extends AsyncDisposable {
  readonly objects: Objects;
  readonly vendor: ContainedVendor;
  /** Starts one more operator; it may do what rbac.ts says, in this namespace. */
  operator(options?: { readonly flags?: Flags; readonly memoryBytes?: number }): Promise<OperatorContainer>;
}

/** `await using stage = await openStage(…)`: everything is gone at the end of the test, however it ends. */
export async function openStage(
  images: Images,
  controlPlane: ContainedControlPlane,
  scenario: WorldConfigInput = {},
): Promise<Stage> {
  await using started = new AsyncDisposableStack();
  const { rest } = controlPlane;
  const namespace = await createNamespace(rest, 'containers');
  const account = await readFile(await operatorAccount(rest, controlPlane.kubeconfig, namespace), 'utf8');
  const vendor = started.use(await startVendor(images.operator, scenario));
  const files = {
    // The same API server, by its name on the link.
    kubeconfig: account.replaceAll(rest.url, KUBERNETES_URL),
    token: vendor.token,
    'ca.crt': vendor.certificateAuthority,
  };
  const operators = started.use(new AsyncDisposableStack());
  let count = 0;
  const parts = started.move();
  return {
    objects: new Objects(rest, namespace),
    vendor,
    operator: async ({ flags = {}, memoryBytes } = {}) => {
      const operator = await OperatorContainer.start(images.operator, {
        name: `operator-${++count}`,
        flags: {
          ...QUICK,
          ...FOR_ANOTHER_MACHINE,
          'api-url': vendor.url,
          namespaces: namespace,
          'lease-namespace': namespace,
          ...flags,
        },
        files,
        links: { kubernetes: controlPlane.link, vendor: vendor.link },
        memoryBytes,
      });
      operators.use(operator);
      return operator;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** The least that the operator takes for an API on another machine. */
const FOR_ANOTHER_MACHINE = { 'settle-window': '1m', 'lease-duration': '5s', 'lease-renew-deadline': '3s' };
