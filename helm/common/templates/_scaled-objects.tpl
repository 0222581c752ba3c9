{{/*
Scales a role by how many facts its consumers have still to settle, and by processor time, with KEDA. It makes an autoscaler of
its own, so there is no other.
*/}}
{{- define "common.scaled-objects" -}}
{{- $context := . -}}
{{- range $name, $role := .Values.roles }}
{{- if and $role.autoscaling.enabled $role.autoscaling.lag.enabled }}
{{ include "common.scaled-object" (dict "context" $context "name" $name "role" $role) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "common.scaled-object" -}}
{{- $context := .context -}}
{{- $scaling := .role.autoscaling -}}
{{- $monitor := include "common.nats-monitor-url" $context | urlParse -}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ include "common.name" $context }}-{{ .name }}
  labels: {{- include "common.labels" $context | nindent 4 }}
spec:
  scaleTargetRef: {name: {{ include "common.name" $context }}-{{ .name }}}
  minReplicaCount: {{ $scaling.min }}
  maxReplicaCount: {{ $scaling.max }}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior: {{- include "common.scaling-behaviour" $context | nindent 8 }}
  triggers:
    - type: cpu
      metricType: Utilization
      metadata: {value: {{ $scaling.cpu | quote }}}
    {{- range $context.Values.consumes }}
    - type: nats-jetstream
      metadata:
        natsServerMonitoringEndpoint: {{ $monitor.host | quote }}
        useHttps: {{ eq $monitor.scheme "https" | quote }}
        account: {{ $context.Values.nats.account | quote }}
        stream: RAPPORT_{{ include "common.variable" . }}
        consumer: {{ $context.Chart.Name }}-{{ . }}
        lagThreshold: {{ $scaling.lag.threshold | quote }}
    {{- end }}
{{- end -}}
