{{/* Names, labels and images. Whatever is too long for Kubernetes is cut and ends in a hash of the whole, so that two long names stay two. */}}

{{- define "flexmetal.cut" -}}
{{- $max := int .max -}}
{{- if le (len .name) $max -}}
{{- .name -}}
{{- else -}}
{{- printf "%s-%s" (regexReplaceAll "[-._]+$" (.name | trunc (int (sub $max 9))) "") (.name | sha256sum | trunc 8) -}}
{{- end -}}
{{- end -}}

{{- define "flexmetal.chartName" -}}
{{- include "flexmetal.cut" (dict "name" (default .Chart.Name .Values.nameOverride) "max" 63) -}}
{{- end -}}

{{/*
The name of everything in the release. 46 leaves room for what a Deployment adds to the names of its pods, and for every suffix here.
A release may be called 1.two; a Service may have neither a dot in its name nor a digit at its begin.
*/}}
{{- define "flexmetal.name" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := .Values.fullnameOverride | default (contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name)) -}}
{{- include "flexmetal.cut" (dict "name" (regexReplaceAll "^([0-9])" (replace "." "-" $full) "r$1") "max" 46) -}}
{{- end -}}

{{/* Objects outside the release's namespace carry the namespace in their names: two releases of one name in two namespaces stay two. */}}
{{- define "flexmetal.clusterName" -}}
{{- include "flexmetal.cut" (dict "name" (printf "%s-%s" (include "flexmetal.name" .) .Release.Namespace) "max" 49) -}}
{{- end -}}

{{- define "flexmetal.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "flexmetal.name" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "flexmetal.simulatorName" -}}
{{- printf "%s-simulator" (include "flexmetal.name" .) -}}
{{- end -}}

{{/* By what the operator's pods are found. Never changed by values: a Deployment's selector cannot be. */}}
{{- define "flexmetal.selectorLabels" -}}
{{- include "flexmetal.componentLabels" (dict "root" . "component" "operator") -}}
{{- end -}}

{{/* The same for other pods. The first two are on all pods of the release. Called with root, component. */}}
{{- define "flexmetal.componentLabels" -}}
app.kubernetes.io/name: {{ include "flexmetal.chartName" .root }}
app.kubernetes.io/instance: {{ include "flexmetal.cut" (dict "name" .root.Release.Name "max" 63) }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Without a component: for objects that belong to the release as a whole. */}}
{{- define "flexmetal.baseLabels" -}}
{{- include "flexmetal.labels" (dict "root" .) -}}
{{- end -}}

{{/* The labels of one object. Called with root, and, where they apply: component, labels. What selects comes first, then the object's own, then commonLabels. */}}
{{- define "flexmetal.labels" -}}
{{- $root := .root -}}
{{- $fixed := dict
  "app.kubernetes.io/name" (include "flexmetal.chartName" $root)
  "app.kubernetes.io/instance" (include "flexmetal.cut" (dict "name" $root.Release.Name "max" 63))
  "app.kubernetes.io/managed-by" $root.Release.Service
  "helm.sh/chart" (include "flexmetal.cut" (dict "name" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_") "max" 63)) -}}
{{- with .component -}}
{{- $_ := set $fixed "app.kubernetes.io/component" . -}}
{{- end -}}
{{- $usual := dict "app.kubernetes.io/version" $root.Chart.AppVersion "app.kubernetes.io/part-of" "flexmetal-operator" -}}
{{- toYaml (merge $fixed (.labels | default dict) $root.Values.commonLabels $usual) -}}
{{- end -}}

{{/*
The metadata of one object. Called with root, and, where they apply: name, namespaced (default true), namespace, component, labels, annotations.
*/}}
{{- define "flexmetal.metadata" -}}
{{- $root := .root -}}
name: {{ .name }}
{{- if ne (toString .namespaced) "false" }}
namespace: {{ .namespace | default $root.Release.Namespace }}
{{- end }}
labels:
  {{- include "flexmetal.labels" . | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* registry/repository@digest, or :tag. */}}
{{- define "flexmetal.image" -}}
{{- $image := .Values.image -}}
{{- $registry := .Values.global.imageRegistry | default $image.registry -}}
{{- $repository := empty $registry | ternary $image.repository (printf "%s/%s" $registry $image.repository) -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository ($image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* Names, or objects with a name, as other charts write them under global. */}}
{{- define "flexmetal.pullSecrets" -}}
{{- $names := list -}}
{{- range concat (.Values.global.imagePullSecrets | default list) .Values.image.pullSecrets -}}
{{- $names = append $names (kindIs "map" . | ternary . (dict "name" .)).name -}}
{{- end -}}
{{- range $names | uniq }}
- name: {{ . }}
{{- end }}
{{- end -}}

{{/* The Secret that holds the token, whoever made it. */}}
{{- define "flexmetal.tokenSecretName" -}}
{{- .Values.api.token.existingSecret.name | default (printf "%s-token" (include "flexmetal.name" .)) -}}
{{- end -}}

{{- define "flexmetal.makesTokenSecret" -}}
{{- if and (not .Values.api.token.existingSecret.name) (or .Values.api.token.value .Values.simulator.enabled) -}}true{{- end -}}
{{- end -}}

{{- define "flexmetal.tokenKey" -}}
{{- empty .Values.api.token.existingSecret.name | ternary "token" .Values.api.token.existingSecret.key -}}
{{- end -}}

{{/* Namespaces that are watched, as a JSON list; empty for all. */}}
{{- define "flexmetal.watched" -}}
{{- if eq .Values.watch.scope "cluster" -}}
[]
{{- else -}}
{{- .Values.watch.namespaces | default (list .Release.Namespace) | uniq | sortAlpha | toJson -}}
{{- end -}}
{{- end -}}

{{/*
Namespaces whose Secrets and ConfigMaps objects may refer to, as a JSON list. The release's own only where it is named: the API token is there,
and whoever may create objects could have it sent to a server of theirs.
*/}}
{{- define "flexmetal.referenced" -}}
{{- $named := .Values.watch.references.namespaces -}}
{{- if $named -}}
{{- $named | uniq | sortAlpha | toJson -}}
{{- else -}}
{{- without (include "flexmetal.watched" . | fromJsonArray) .Release.Namespace | toJson -}}
{{- end -}}
{{- end -}}

{{/* skip, fail or always: whether an object of another project's kind is rendered. Called with root, api, mode and what. */}}
{{- define "flexmetal.rendersKind" -}}
{{- if or (eq .mode "always") (.root.Capabilities.APIVersions.Has .api) -}}
true
{{- else if eq .mode "fail" -}}
{{- fail (printf "\n\n%s: this cluster does not know %s. Install what brings it, or set renderMode to skip.\n" .what .api) -}}
{{- end -}}
{{- end -}}

{{/* The port of a URL, written or usual. */}}
{{- define "flexmetal.portOf" -}}
{{- regexFind ":[0-9]+$" (urlParse .).host | trimPrefix ":" | default (hasPrefix "https:" . | ternary "443" "80") -}}
{{- end -}}
