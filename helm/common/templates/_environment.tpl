{{/*
What a service is told that is no secret. A variable that it does not know stops it, so only those are here that it reads.
*/}}
{{- define "common.variables" -}}
{{- $values := .Values -}}
{{- $platform := include "common.platform" . -}}
{{- $variables := dict
  "RAPPORT_HTTP_HOST" "0.0.0.0"
  "RAPPORT_HTTP_PORT" $values.ports.http
  "RAPPORT_PUBLIC_URL" $values.publicUrl
-}}
{{- if $values.stateless -}}
{{- $addresses := list -}}
{{- range $values.documents -}}
{{- $addresses = append $addresses (printf "%s=http://%s-%s:%d" . $platform . (int $values.ports.http)) -}}
{{- end -}}
{{- $_ := set $variables "RAPPORT_SERVICES" (join "," $addresses) -}}
{{- else -}}
{{- $_ := set $variables "RAPPORT_GRPC_HOST" "0.0.0.0" -}}
{{- $_ := set $variables "RAPPORT_GRPC_PORT" $values.ports.grpc -}}
{{- $_ := set $variables "RAPPORT_DRAIN_SECONDS" $values.drainSeconds -}}
{{- $_ := set $variables "RAPPORT_JWKS_URL" (printf "http://%s-identity:%d/.well-known/jwks.json" $platform (int $values.ports.http)) -}}
{{- $_ := set $variables "RAPPORT_NATS_URL" (include "common.nats-url" .) -}}
{{- $_ := set $variables "RAPPORT_NATS_USER" .Chart.Name -}}
{{- $_ := set $variables "RAPPORT_NATS_MONITOR_URL" (include "common.nats-monitor-url" .) -}}
{{- $_ := set $variables "RAPPORT_GATEWAY_NETWORKS" "10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fc00::/7" -}}
{{- range $values.asks -}}
{{- $_ := set $variables (printf "RAPPORT_%s_GRPC" (include "common.variable" .)) (printf "%s-%s-grpc:%d" $platform . (int $values.ports.grpc)) -}}
{{- end -}}
{{- with $values.telemetry.otlpEndpoint }}{{ $_ := set $variables "RAPPORT_OTLP_ENDPOINT" . }}{{ end -}}
{{- if and $values.sendsMail $values.mail.enabled }}{{ $_ := set $variables "RAPPORT_MAIL_SENDER" $values.mail.sender }}{{ end -}}
{{- end -}}
{{- with include "common.authorities" . }}{{ $_ := set $variables "SSL_CERT_FILE" . }}{{ end -}}
{{- range $name, $value := $values.settings -}}
{{- $_ := set $variables (printf "RAPPORT_%s" (include "common.variable" $name)) $value -}}
{{- end -}}
{{- range $name, $value := $variables }}
{{ $name }}: {{ include "common.text" $value | quote }}
{{- end }}
{{- end -}}

{{/*
What a service is told that is secret, each by reference.
*/}}
{{- define "common.secret-variables" -}}
{{- if not .Values.stateless -}}
{{- $service := include "common.secret-name" (dict "context" . "given" .Values.service.secretName "what" "service") -}}
{{- include "common.database-variable" (dict "context" . "name" "DATABASE_URL" "key" "runtime-url") }}
{{ include "common.database-variable" (dict "context" . "name" "DATABASE_SYSTEM_URL" "key" "system-url") }}
{{ include "common.nats-variable" (dict "context" . "name" "NATS_PASSWORD" "key" "password") }}
{{ include "common.reference" (dict "name" "SIGNING_SECRET" "secret" $service "key" "signing-secret") }}
{{ include "common.reference" (dict "name" "SERVICE_CLIENT_SECRET" "secret" $service "key" "client-secret") }}
{{- range .Values.secretKeys }}
{{ include "common.reference" (dict "name" (include "common.variable" .) "secret" $service "key" .) }}
{{- end }}
{{- if and .Values.sendsMail .Values.mail.enabled }}
{{ include "common.reference" (dict "name" "MAIL_SMTP_URL" "secret" (include "common.secret-name" (dict "context" . "given" .Values.mail.secretName "what" "mail")) "key" "smtp-url") }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "common.database-variable" -}}
{{- $secret := include "common.secret-name" (dict "context" .context "given" .context.Values.database.secretName "what" "database") -}}
{{- include "common.reference" (dict "name" .name "secret" $secret "key" .key) -}}
{{- end -}}

{{- define "common.nats-variable" -}}
{{- $secret := include "common.secret-name" (dict "context" .context "given" .context.Values.nats.secretName "what" "nats") -}}
{{- include "common.reference" (dict "name" .name "secret" $secret "key" .key) -}}
{{- end -}}

{{- define "common.reference" -}}
- name: RAPPORT_{{ .name }}
  valueFrom:
    secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}
{{- end -}}

{{- define "common.nats-url" -}}
{{- .Values.nats.url | default (printf "nats://%s-nats:4222" (include "common.platform" .)) -}}
{{- end -}}

{{- define "common.nats-monitor-url" -}}
{{- .Values.nats.monitorUrl | default (printf "http://%s-nats:8222" (include "common.platform" .)) -}}
{{- end -}}

{{/*
A name as it is written in variables.
*/}}
{{- define "common.variable" -}}
{{- . | upper | replace "-" "_" -}}
{{- end -}}

{{/*
A value as text: a number that is whole has no fraction and no exponent, although Helm keeps it as a float.
*/}}
{{- define "common.text" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}
