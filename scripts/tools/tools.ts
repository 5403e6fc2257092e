/** How a tool is made, with the versions of its folder in test/tools: from a Go module, from Python packages, or of files that come with Go modules. */
export type Making =
  | { readonly from: 'go'; readonly package: string }
  | { readonly from: 'python' }
  | { readonly from: 'files'; readonly files: readonly ModuleFiles[] };

export interface ModuleFiles {
  readonly module: string;
  readonly folder: string;
  /** Names in the folder. */
  readonly names: readonly string[];
}

export interface Tool {
  /** What it is called on a PATH, and in the cache. */
  readonly program: string;
  /** The variable that names it, and goes before all else. */
  readonly variable: string;
  /** What it is for. */
  readonly purpose: string;
  readonly making: Making;
}

const go = (name: string): Making => ({ from: 'go', package: name });

/** Programs that tests and generators need and npm does not have. Each has a folder in test/tools, which fixes its version. */
export const TOOLS = {
  helm: {
    program: 'helm',
    variable: 'HELM',
    purpose: 'renders the charts (Helm 4)',
    making: go('helm.sh/helm/v4/cmd/helm'),
  },
  helm3: {
    program: 'helm3',
    variable: 'HELM3',
    purpose: 'renders the charts as Helm 3 does',
    making: go('helm.sh/helm/v3/cmd/helm'),
  },
  'kube-score': {
    program: 'kube-score',
    variable: 'KUBE_SCORE',
    purpose: 'judges the rendered objects',
    making: go('github.com/zegl/kube-score/cmd/kube-score'),
  },
  checkov: {
    program: 'checkov',
    variable: 'CHECKOV',
    purpose: 'judges the rendered objects',
    making: { from: 'python' },
  },
  promtool: {
    program: 'promtool',
    variable: 'PROMTOOL',
    purpose: 'tries the alerts (Prometheus 3)',
    making: go('github.com/prometheus/prometheus/cmd/promtool'),
  },
  crds: {
    program: 'crds',
    variable: 'FLEXMETAL_CRDS',
    purpose:
      'a folder: kinds of the Prometheus operator, Argo CD and Flux, for the API server that judges what charts and docs have of them',
    making: {
      from: 'files',
      files: [
        {
          module: 'github.com/prometheus-operator/prometheus-operator',
          folder: 'example/prometheus-operator-crd',
          names: [
            'monitoring.coreos.com_podmonitors.yaml',
            'monitoring.coreos.com_prometheusrules.yaml',
            'monitoring.coreos.com_servicemonitors.yaml',
          ],
        },
        { module: 'github.com/argoproj/argo-cd/v3', folder: 'manifests/crds', names: ['application-crd.yaml'] },
        {
          module: 'github.com/controlplaneio-fluxcd/flux-operator',
          folder: 'config/data/flux/v2.9.4',
          names: ['helm-controller.yaml', 'source-controller.yaml'],
        },
      ],
    },
  },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof TOOLS;

export const TOOL_NAMES = [
  'helm',
  'helm3',
  'kube-score',
  'checkov',
  'promtool',
  'crds',
] as const satisfies readonly ToolName[];
