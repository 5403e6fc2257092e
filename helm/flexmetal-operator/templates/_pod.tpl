{{/* What all pods of the chart have in common. Security of a container, without ids where OpenShift chooses them. */}}
{{- define "flexmetal.podSecurityContext" -}}
{{- $context := .Values.podSecurityContext -}}
{{- if .Values.openshift -}}
{{- $context = omit $context "runAsUser" "runAsGroup" "fsGroup" -}}
{{- end -}}
{{- toYaml $context -}}
{{- end -}}

{{- define "flexmetal.scheduling" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The operator's configuration file: what other values set, and then values.config. */}}
{{- define "flexmetal.config" -}}
{{- $set := dict "apiUrl" (.Values.simulator.enabled | ternary "http://127.0.0.1:8099" .Values.api.url) "leaseName" (include "flexmetal.name" .) "leaseNamespace" .Release.Namespace -}}
{{- $namespaces := include "flexmetal.watched" . | fromJsonArray -}}
{{- if $namespaces -}}
{{- $_ := set $set "namespaces" (join "," $namespaces) -}}
{{- end -}}
{{- toYaml (merge $set .Values.config) -}}
{{- end -}}
