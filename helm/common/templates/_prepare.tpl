{{/*
The job that brings database and broker to what this version needs. As a hook before the roll-out it stops it when it fails.
Without hooks it is an ordinary job of the release, called anew with every image: then pods wait for it, and those of the
version before go on serving.
*/}}
{{- define "common.prepare" -}}
{{- if and .Values.prepare.enabled (not .Values.stateless) }}
{{ include "common.prepare-account" . }}
{{- if .Values.network.enabled }}
{{ include "common.prepare-network" . }}
{{- end }}
{{ include "common.prepare-job" . }}
{{- end }}
{{- end -}}

{{/*
Hooks come before everything else of the release, so the job has an account and a network policy of its own. They stay as long
as it runs; a job that has failed stays to be looked at. Takes `context` and `weight`.
*/}}
{{- define "common.prepare-hooks" -}}
{{- with .context.Values.prepare.hooks -}}
annotations:
  helm.sh/hook: {{ . }}
  helm.sh/hook-weight: {{ $.weight | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}
{{- end -}}

{{- define "common.prepare-name" -}}
{{- $name := include "common.name" . -}}
{{- if .Values.prepare.hooks -}}
{{ $name }}-prepare
{{- else -}}
{{- $version := printf "%s %s %s" $name (include "common.image" .) (include "common.prepare-variables" .) | sha256sum | trunc 6 -}}
{{ printf "%s-prepare-%s" (trunc 47 $name | trimSuffix "-") $version }}
{{- end -}}
{{- end -}}

{{- define "common.prepare-account" -}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "common.name" . }}-prepare
  labels: {{- include "common.labels" . | nindent 4 }}
  {{- include "common.prepare-hooks" (dict "context" . "weight" "-10") | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}

{{- define "common.prepare-network" -}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "common.name" . }}-prepare
  labels: {{- include "common.labels" . | nindent 4 }}
  {{- include "common.prepare-hooks" (dict "context" . "weight" "-10") | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
      app.kubernetes.io/component: prepare
  policyTypes: [Ingress, Egress]
  egress:
    {{- include "common.to-dns" . | nindent 4 }}
    {{- include "common.to-database" . | nindent 4 }}
    {{- include "common.to-nats" . | nindent 4 }}
{{- end -}}

{{- define "common.prepare-job" -}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "common.prepare-name" . }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
    app.kubernetes.io/component: prepare
  {{- include "common.prepare-hooks" (dict "context" . "weight" "0") | nindent 2 }}
spec:
  backoffLimit: {{ .Values.prepare.retries }}
  activeDeadlineSeconds: {{ .Values.prepare.deadlineSeconds }}
  template:
    metadata:
      labels: {{- include "common.pod-labels" (dict "context" . "part" "prepare") | nindent 8 }}
    spec:
      restartPolicy: Never
      {{- include "common.pod" (dict "context" . "account" (printf "%s-prepare" (include "common.name" .))) | nindent 6 }}
      {{- if .Values.database.create }}
      initContainers:
        - {{ include "common.create-database" . | nindent 10 | trim }}
      {{- end }}
      containers:
        - {{ include "common.prepare-container" . | nindent 10 | trim }}
{{- end -}}

{{- define "common.create-database" -}}
{{- $arguments := list "create-database" "--seconds" (.Values.prepare.waitSeconds | toString) -}}
{{- include "common.container" (dict "context" . "name" "create-database" "arguments" $arguments "resources" .Values.prepare.resources) }}
env:
  {{- range $name, $key := dict "DATABASE_ADMIN_URL" "admin-url" "DATABASE_OWNER_URL" "owner-url" "DATABASE_URL" "runtime-url" "DATABASE_SYSTEM_URL" "system-url" }}
  {{- include "common.database-variable" (dict "context" $ "name" $name "key" $key) | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "common.prepare-container" -}}
{{- $arguments := list "prepare" "--seconds" (.Values.prepare.waitSeconds | toString) -}}
{{- include "common.container" (dict "context" . "name" "prepare" "arguments" $arguments "resources" .Values.prepare.resources) }}
env: {{- include "common.prepare-variables" . | nindent 2 }}
{{- end -}}

{{- define "common.prepare-variables" -}}
{{ include "common.database-variable" (dict "context" . "name" "DATABASE_OWNER_URL" "key" "owner-url") }}
- name: RAPPORT_NATS_URL
  value: {{ include "common.nats-url" . | quote }}
{{- with include "common.authorities" . }}
- name: SSL_CERT_FILE
  value: {{ . }}
{{- end }}
- name: RAPPORT_STREAM_REPLICAS
  value: {{ .Values.nats.streamReplicas | quote }}
- name: RAPPORT_PROVISIONER_USER
  value: provisioner
{{ include "common.nats-variable" (dict "context" . "name" "PROVISIONER_PASSWORD" "key" "provisioner-password") }}
{{- end -}}

{{/*
Has a pod wait until the tables are there that this version, or a newer one, needs.
*/}}
{{- define "common.await-prepared" -}}
{{- $arguments := list "await-prepared" "--seconds" (.Values.prepare.awaitedSeconds | toString) -}}
- {{ include "common.container" (dict "context" . "name" "await-prepared" "arguments" $arguments "resources" .Values.prepare.resources) | nindent 2 | trim }}
  env:
    {{- include "common.database-variable" (dict "context" . "name" "DATABASE_URL" "key" "runtime-url") | nindent 4 }}
{{- end -}}
