{{/*
Scales a role by the processor time that it uses. It grows at once and shrinks slowly.
*/}}
{{- define "common.autoscalers" -}}
{{- $context := . -}}
{{- range $name, $role := .Values.roles }}
{{- if and $role.autoscaling.enabled (not $role.autoscaling.lag.enabled) }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "common.name" $context }}-{{ $name }}
  labels: {{- include "common.labels" $context | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ include "common.name" $context }}-{{ $name }}}
  minReplicas: {{ $role.autoscaling.min }}
  maxReplicas: {{ $role.autoscaling.max }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ $role.autoscaling.cpu }}}
  behavior: {{- include "common.scaling-behaviour" $context | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "common.scaling-behaviour" -}}
scaleDown:
  stabilizationWindowSeconds: 300
  policies:
    - {type: Pods, value: 1, periodSeconds: 60}
{{- end -}}
