{{/*
The container of a role. Takes `context`, `name` and `role`.
*/}}
{{- define "common.serving-container" -}}
{{- $context := .context -}}
{{- include "common.container" (dict "context" $context "name" .name "arguments" .role.arguments "resources" .role.resources) }}
ports:
  - {name: http, containerPort: {{ $context.Values.ports.http }}}
  {{- if has "grpc" .role.serves }}
  - {name: grpc, containerPort: {{ $context.Values.ports.grpc }}}
  {{- end }}
envFrom:
  - configMapRef: {name: {{ include "common.name" $context }}}
{{- $own := include "common.role-variables" .role -}}
{{- $secret := include "common.secret-variables" $context -}}
{{- if or $own $secret }}
env:
  {{- with $own }}{{ . | nindent 2 }}{{ end }}
  {{- with $secret }}{{ . | nindent 2 }}{{ end }}
{{- end }}
startupProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: {{ max 1 (div (int .role.startSeconds) 2) }}
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: {{ .role.readiness }}, port: http}
  periodSeconds: 3
  timeoutSeconds: 5
  failureThreshold: 2
lifecycle:
  # While no more requests are sent here; word of that takes a while to reach everybody.
  preStop:
    sleep: {seconds: {{ ceil $context.Values.preStopSeconds }}}
{{- end -}}

{{/*
The settings of one role only; they win over those of the config map.
*/}}
{{- define "common.role-variables" -}}
{{- range $name, $value := .settings }}
- name: RAPPORT_{{ include "common.variable" $name }}
  value: {{ include "common.text" $value | quote }}
{{- end }}
{{- end -}}
