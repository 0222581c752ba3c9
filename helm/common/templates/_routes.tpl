{{/*
The paths of a service for a gateway of the cluster's own, by the Gateway API.
*/}}
{{- define "common.routes" -}}
{{- $context := . -}}
{{- if .Values.route.enabled }}
{{- range $name, $role := .Values.roles }}
{{- if or $role.paths.exact $role.paths.prefix }}
{{ include "common.http-route" (dict "context" $context "name" $name "role" $role) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "common.http-route" -}}
{{- $context := .context -}}
{{- $service := include "common.service-name" (dict "context" $context "role" .name) -}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ $service }}
  labels: {{- include "common.labels" $context | nindent 4 }}
  {{- with $context.Values.route.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  parentRefs: {{- toYaml $context.Values.route.parentRefs | nindent 4 }}
  {{- with $context.Values.route.hostnames }}
  hostnames: {{- toYaml . | nindent 4 }}
  {{- end }}
  rules:
    - matches:
        {{- range .role.paths.exact }}
        - path: {type: Exact, value: {{ . }}}
        {{- end }}
        {{- range .role.paths.prefix }}
        - path: {type: PathPrefix, value: {{ . }}}
        {{- end }}
      timeouts:
        request: {{ .role.requestSeconds }}s
      backendRefs:
        - {name: {{ $service }}, port: {{ $context.Values.ports.http }}}
{{- end -}}
