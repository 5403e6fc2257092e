/**
 * Names one call that changes something outside, as the simulation names it: `kube PATCH default/web-1/status`,
 * `vendor POST /v3/flexMetal/servers/{id}/tag/team:db`. What differs from run to run (namespace, ids) is left out of it.
 * @returns undefined for a call that is no effect: a read, or a write of a Lease or an Event, which come and go by themselves
 */
export function effectNameOf(to: 'kube' | 'vendor', method: string, path: string): string | undefined {
  if (method === 'GET') return undefined;
  const { pathname } = new URL(path, 'http://anywhere');
  if (to === 'vendor') return `vendor ${method} ${withoutIds(decodeURIComponent(pathname))}`;
  const [, name, part = ''] = OURS.exec(pathname) ?? [];
  return name === undefined ? undefined : `kube ${method} default/${name}${part}`;
}

/** The same name for an effect of the simulation, whose labels hold ids and verbs as Kubernetes writes them. */
export const effectNameIn = (simulatedLabel: string): string =>
  withoutIds(simulatedLabel.replace(/^kube [a-z]+/, (verb) => `kube ${verb.slice('kube '.length).toUpperCase()}`));

const OURS = /^\/apis\/flexmetal\.i3d\.net\/[^/]+\/namespaces\/[^/]+\/flexmetalservers\/([^/]+)(\/status)?$/;

const withoutIds = (text: string): string =>
  text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '{id}');
