module flexmetal-operator.test/tools/crds

go 1.26.0

require (
	github.com/argoproj/argo-cd/v3 v3.4.5
	github.com/controlplaneio-fluxcd/flux-operator v0.58.0
	github.com/prometheus-operator/prometheus-operator v0.85.0
)
