{{/*
Who may call the pods of a service.
*/}}
{{- define "common.network-ingress" -}}
{{- $context := . -}}
{{- $offered := list -}}
{{- $answering := list -}}
{{- range $name, $role := .Values.roles -}}
{{- if has "http" $role.serves }}{{ $offered = append $offered $name }}{{ end -}}
{{- if has "grpc" $role.serves }}{{ $answering = append $answering $name }}{{ end -}}
{{- end -}}
{{- $all := keys .Values.roles | sortAlpha -}}
{{- $http := .Values.ports.http -}}
{{- with $offered }}
{{ include "common.network-policy" (dict "context" $context "call" "from-gateway" "roles" . "direction" "ingress"
  "rules" (include "common.from" (dict "peers" (include "common.gateway" $context) "port" $http))) }}
{{- end }}
{{- if not .Values.stateless }}
{{ include "common.network-policy" (dict "context" $context "call" "from-portal" "roles" (list "api") "direction" "ingress"
  "rules" (include "common.from" (dict "peers" (include "common.pods-of" (dict "context" $context "name" "portal")) "port" $http))) }}
{{- end }}
{{- with $answering }}
{{- $ports := list $context.Values.ports.grpc -}}
{{- /* Whoever asks identity also gets from it the keys that tokens are checked with. */ -}}
{{- if eq $context.Chart.Name "identity" }}{{ $ports = append $ports $http }}{{ end }}
{{ include "common.network-policy" (dict "context" $context "call" "from-peers" "roles" . "direction" "ingress"
  "rules" (include "common.from" (dict "peers" (include "common.askers" $context) "ports" $ports))) }}
{{- end }}
{{ include "common.network-policy" (dict "context" $context "call" "from-prometheus" "roles" $all "direction" "ingress"
  "rules" (include "common.from" (dict "peers" (toYaml .Values.network.prometheus) "port" $http))) }}
{{- end -}}

{{/*
A rule that lets `peers` through to `port` or `ports`.
*/}}
{{- define "common.from" -}}
- from: {{- .peers | nindent 4 }}
  ports:
    {{- range .ports | default (list .port) }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
{{- end -}}

{{- define "common.gateway" -}}
{{- if .Values.network.gateway -}}
{{ toYaml .Values.network.gateway }}
{{- else -}}
{{ include "common.pods-of" (dict "context" . "name" "gateway") }}
{{- end -}}
{{- end -}}

{{- define "common.askers" -}}
- podSelector:
    matchLabels:
      app.kubernetes.io/part-of: {{ include "common.platform" . }}
      rapport-asks-{{ .Chart.Name }}: "true"
{{- end -}}
