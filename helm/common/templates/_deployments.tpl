{{/*
A deployment per role, so that each is scaled and rolled out by itself.
*/}}
{{- define "common.deployments" -}}
{{- $context := . -}}
{{- range $name, $role := .Values.roles }}
{{ include "common.deployment" (dict "context" $context "name" $name "role" $role) }}
{{- end }}
{{- end -}}

{{/*
Takes `context`, the `name` of the role and the `role`.
*/}}
{{- define "common.deployment" -}}
{{- $context := .context -}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "common.name" $context }}-{{ .name }}
  labels:
    {{- include "common.labels" $context | nindent 4 }}
    app.kubernetes.io/component: {{ .name }}
spec:
  {{- if not .role.autoscaling.enabled }}
  replicas: {{ .role.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  progressDeadlineSeconds: 900
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  selector:
    matchLabels:
      {{- include "common.selector" $context | nindent 6 }}
      app.kubernetes.io/component: {{ .name }}
  template:
    metadata:
      labels: {{- include "common.pod-labels" (dict "context" $context "part" .name) | nindent 8 }}
      annotations:
        checksum/config: {{ include "common.variables" $context | sha256sum }}
        {{- with $context.Values.pods.annotations }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      {{- include "common.pod" (dict "context" $context "account" (include "common.name" $context)) | nindent 6 }}
      terminationGracePeriodSeconds: {{ include "common.grace-seconds" $context }}
      topologySpreadConstraints: {{- include "common.topology-spread" . | nindent 8 }}
      {{- if not $context.Values.stateless }}
      initContainers: {{- include "common.await-prepared" $context | nindent 8 }}
      {{- end }}
      containers:
        - {{ include "common.serving-container" . | nindent 10 | trim }}
{{- end -}}

{{/*
How long a pod has to end: the pause before the signal, the drain, the five seconds after which the process is killed by its
own parent (chassis/serving.py), and as many for that parent.
*/}}
{{- define "common.grace-seconds" -}}
{{- add (ceil .Values.preStopSeconds) (ceil .Values.drainSeconds) 10 -}}
{{- end -}}

{{/*
Spreads the pods of one version of a role, rather than of all versions, over zones and nodes.
*/}}
{{- define "common.topology-spread" -}}
{{- $part := . -}}
{{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- topologyKey: {{ $key }}
  maxSkew: 1
  whenUnsatisfiable: ScheduleAnyway
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels:
      {{- include "common.selector" $part.context | nindent 6 }}
      app.kubernetes.io/component: {{ $part.name }}
{{- end }}
{{- end -}}
