{{/* What all pods of the chart have in common. Security of pods and containers, without ids where OpenShift chooses them. */}}
{{- define "flexmetal.podSecurityContext" -}}
{{- $context := .Values.podSecurityContext -}}
{{- if .Values.openshift -}}
{{- $context = omit $context "runAsUser" "runAsGroup" "fsGroup" -}}
{{- end -}}
{{- toYaml $context -}}
{{- end -}}

{{- define "flexmetal.containerSecurityContext" -}}
{{- $context := .Values.securityContext -}}
{{- if .Values.openshift -}}
{{- $context = omit $context "runAsUser" "runAsGroup" -}}
{{- end -}}
{{- toYaml $context -}}
{{- end -}}

{{/* Where a pod runs, and whom it asks for names. */}}
{{- define "flexmetal.placing" -}}
{{- with .Values.dnsPolicy }}
dnsPolicy: {{ . }}
{{- end }}
{{- with .Values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
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

{{/*
The operator's configuration file: what other values set, and values.config. Every value is written as JSON, which quotes text:
a cluster id such as 1234567890e1 would else be read as a number.
*/}}
{{- define "flexmetal.config" -}}
{{- $set := dict "apiUrl" (.Values.simulator.enabled | ternary "http://127.0.0.1:8099" .Values.api.url) "leaseName" (include "flexmetal.name" .) "leaseNamespace" .Release.Namespace -}}
{{- with .Values.api.proxy.url -}}
{{- $_ := set $set "proxyUrl" . -}}
{{- end -}}
{{- if .Values.tracing.enabled -}}
{{- $_ := set $set "tracingEndpoint" .Values.tracing.endpoint -}}
{{- end -}}
{{- with include "flexmetal.watched" . | fromJsonArray -}}
{{- $_ := set $set "namespaces" (join "," .) -}}
{{- end -}}
{{- range $key, $value := merge $set .Values.config }}
{{ $key }}: {{ $value | toJson }}
{{- end }}
{{- end -}}

{{/* The seconds of a duration such as 1h30m, 90s or 250ms, rounded up. */}}
{{- define "flexmetal.seconds" -}}
{{- $hours := regexFind "\\d+h" . | trimSuffix "h" | default "0" | atoi -}}
{{- $minutes := regexReplaceAll "\\d+ms$" . "" | regexFind "\\d+m" | trimSuffix "m" | default "0" | atoi -}}
{{- $seconds := regexReplaceAll "\\d+ms$" . "" | regexFind "\\d+s" | trimSuffix "s" | default "0" | atoi -}}
{{- $milliseconds := regexFind "\\d+ms$" . | trimSuffix "ms" | default "0" | atoi -}}
{{- add (mul $hours 3600) (mul $minutes 60) $seconds (div (add $milliseconds 999) 1000) -}}
{{- end -}}

{{/* Whether the operator may run twice at once: the Lease then keeps the second one waiting. */}}
{{- define "flexmetal.elects" -}}
{{- if ne (toString (get .Values.config "leaderElection")) "false" -}}true{{- end -}}
{{- end -}}
