{{/*
What a pod may do: what the pod security standard `restricted` leaves.
*/}}
{{- define "common.pod-security" -}}
runAsNonRoot: true
runAsUser: {{ .Values.pods.user }}
runAsGroup: {{ .Values.pods.user }}
fsGroup: {{ .Values.pods.user }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "common.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
