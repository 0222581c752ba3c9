{{/*
How many pods of a role may be taken away at a time when nodes are emptied. Pods that are not ready hold nothing up.
*/}}
{{- define "common.disruption-budgets" -}}
{{- $context := . -}}
{{- range $name, $role := .Values.roles }}
{{- if $role.disruption.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "common.name" $context }}-{{ $name }}
  labels: {{- include "common.labels" $context | nindent 4 }}
spec:
  maxUnavailable: {{ $role.disruption.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "common.selector" $context | nindent 6 }}
      app.kubernetes.io/component: {{ $name }}
{{- end }}
{{- end }}
{{- end -}}
