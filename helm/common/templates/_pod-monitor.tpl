{{/*
Has Prometheus, where its operator is installed, read the metrics of all pods of the service.
*/}}
{{- define "common.pod-monitor" -}}
{{- with .Values.telemetry.podMonitor }}
{{- if .enabled }}
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: {{ include "common.name" $ }}
  labels:
    {{- with .labels }}{{ toYaml . | nindent 4 }}{{ end }}
    {{- include "common.labels" $ | nindent 4 }}
spec:
  selector:
    matchLabels: {{- include "common.selector" $ | nindent 6 }}
    matchExpressions:
      - {key: app.kubernetes.io/component, operator: In, values: [{{ keys $.Values.roles | sortAlpha | join ", " }}]}
  jobLabel: app.kubernetes.io/name
  podTargetLabels: [app.kubernetes.io/name, app.kubernetes.io/component, app.kubernetes.io/version]
  podMetricsEndpoints:
    - {port: http, path: /metrics, interval: {{ .interval }}}
{{- end }}
{{- end }}
{{- end -}}
