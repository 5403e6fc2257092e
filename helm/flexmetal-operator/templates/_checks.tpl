{{/* Pods that run `check`: the one of `helm test`, and the one before `helm uninstall`. */}}

{{/* Called with root, component, args, and account (true: with the token of a service account). */}}
{{- define "flexmetal.checkPod" -}}
restartPolicy: Never
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "flexmetal.podSecurityContext" .root | nindent 2 }}
{{- with include "flexmetal.pullSecrets" .root }}
imagePullSecrets:
  {{- . | nindent 2 }}
{{- end }}
{{- with include "flexmetal.placing" .root }}
{{ . }}
{{- end }}
containers:
  - name: check
    image: {{ include "flexmetal.image" .root | quote }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: {{ toJson .args }}
    securityContext:
      {{- include "flexmetal.containerSecurityContext" .root | nindent 6 }}
    resources:
      requests: { cpu: 10m, memory: 192Mi, ephemeral-storage: 64Mi }
      limits: { cpu: "1", memory: 192Mi, ephemeral-storage: 64Mi }
    {{- if .account }}
    volumeMounts:
      - name: kubernetes
        mountPath: /var/run/secrets/kubernetes.io/serviceaccount
        readOnly: true
volumes:
  - name: kubernetes
    projected:
      defaultMode: 288
      sources:
        - serviceAccountToken: { path: token, expirationSeconds: 600 }
        - configMap:
            name: kube-root-ca.crt
            items: [{ key: ca.crt, path: ca.crt }]
        - downwardAPI:
            items: [{ path: namespace, fieldRef: { fieldPath: metadata.namespace } }]
    {{- end }}
{{- end -}}

{{/* Annotations of an object that a hook needs. It goes when all went well, and before the next try at the latest. Called with hook, weight. */}}
{{- define "flexmetal.hook" -}}
helm.sh/hook: {{ .hook }}
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}
