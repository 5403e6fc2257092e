/** The chart's values for an image such as `registry.example:5000/team/operator:0.1.0` or `operator@sha256:…`. */
export function imageValues(image: string): {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
} {
  const [named = '', digest = ''] = image.split('@');
  const slash = named.indexOf('/');
  const first = named.slice(0, Math.max(slash, 0));
  // As docker reads it: a first part with a dot or a port is a registry.
  const registry = /[.:]|^localhost$/.test(first) ? first : '';
  const rest = registry === '' ? named : named.slice(slash + 1);
  const colon = rest.lastIndexOf(':');
  return {
    registry,
    repository: colon < 0 ? rest : rest.slice(0, colon),
    tag: colon < 0 ? 'latest' : rest.slice(colon + 1),
    digest,
  };
}
