{{/* Names and labels. Whatever is too long for Kubernetes is cut and ends in a hash of the whole, so that two long names stay two. */}}

{{- define "flexmetal.cut" -}}
{{- $max := int .max -}}
{{- if le (len .name) $max -}}
{{- .name -}}
{{- else -}}
{{- printf "%s-%s" (.name | trunc (int (sub $max 9)) | trimSuffix "-" | trimSuffix ".") (.name | sha256sum | trunc 8) -}}
{{- end -}}
{{- end -}}

{{- define "flexmetal.chartName" -}}
{{- include "flexmetal.cut" (dict "name" (default .Chart.Name .Values.nameOverride) "max" 63) -}}
{{- end -}}

{{/* The name of everything in the release; room is left for the longest suffix. */}}
{{- define "flexmetal.name" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := .Values.fullnameOverride | default (contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name)) -}}
{{- include "flexmetal.cut" (dict "name" $full "max" 46) -}}
{{- end -}}

{{/* Cluster-wide objects carry the namespace too: two releases of one name in two namespaces stay two. */}}
{{- define "flexmetal.clusterName" -}}
{{- $name := include "flexmetal.name" . -}}
{{- if contains .Release.Namespace $name -}}
{{- $name -}}
{{- else -}}
{{- include "flexmetal.cut" (dict "name" (printf "%s-%s" $name .Release.Namespace) "max" 63) -}}
{{- end -}}
{{- end -}}

{{- define "flexmetal.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "flexmetal.name" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "flexmetal.selectorLabels" -}}
app.kubernetes.io/name: {{ include "flexmetal.chartName" . }}
app.kubernetes.io/instance: {{ include "flexmetal.cut" (dict "name" .Release.Name "max" 63) }}
app.kubernetes.io/component: operator
{{- end -}}

{{/* Without a component: for objects that belong to the release as a whole. */}}
{{- define "flexmetal.baseLabels" -}}
app.kubernetes.io/name: {{ include "flexmetal.chartName" . }}
app.kubernetes.io/instance: {{ include "flexmetal.cut" (dict "name" .Release.Name "max" 63) }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: flexmetal-operator
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ include "flexmetal.cut" (dict "name" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_") "max" 63) }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
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
  {{- include "flexmetal.baseLabels" $root | nindent 2 }}
  {{- with .component }}
  app.kubernetes.io/component: {{ . }}
  {{- end }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* registry/repository@digest or :tag. Called with root and image (repository, tag, digest, registry). */}}
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

{{- define "flexmetal.pullSecrets" -}}
{{- range concat .Values.global.imagePullSecrets .Values.image.pullSecrets | uniq }}
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

{{/* Namespaces whose Secrets and ConfigMaps objects may refer to, as a JSON list. */}}
{{- define "flexmetal.referenced" -}}
{{- $named := .Values.watch.references.namespaces -}}
{{- if $named -}}
{{- $named | uniq | sortAlpha | toJson -}}
{{- else -}}
{{- include "flexmetal.watched" . -}}
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
