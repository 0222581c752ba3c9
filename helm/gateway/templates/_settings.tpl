{{- /*
What the gateway's own file and the routes are filled in with: names of variables to values. As YAML, for `fromYaml`.
*/ -}}
{{- define "gateway.variables" -}}
{{- $values := .Values -}}
{{- $platform := include "common.platform" . -}}
{{- $variables := dict
  "RAPPORT_GATEWAY_BIND" ""
  "RAPPORT_GATEWAY_PORT" (include "gateway.port" .)
  "RAPPORT_GATEWAY_METRICS_BIND" ""
  "RAPPORT_GATEWAY_METRICS_PORT" "18080"
  "RAPPORT_ROUTES_DIR" "/etc/gateway/routes"
  "RAPPORT_PORTAL_HTTP" (printf "http://%s-portal:%d" $platform (int $values.ports.http))
-}}
{{- range $values.services -}}
{{- $_ := set $variables (printf "RAPPORT_%s_HTTP" (include "common.variable" .)) (printf "http://%s-%s:%d" $platform . (int $values.ports.http)) -}}
{{- end -}}
{{- range $values.streams -}}
{{- $_ := set $variables (printf "RAPPORT_%s_STREAM_HTTP" (include "common.variable" .)) (printf "http://%s-%s-stream:%d" $platform . (int $values.ports.http)) -}}
{{- end -}}
{{- if $values.tls.secretName -}}
{{- $_ := set $variables "RAPPORT_GATEWAY_TLS" "{}" -}}
{{- $_ := set $variables "RAPPORT_GATEWAY_CERTIFICATE" "/etc/gateway/routes/tls.crt" -}}
{{- $_ := set $variables "RAPPORT_GATEWAY_CERTIFICATE_KEY" "/etc/gateway/routes/tls.key" -}}
{{- end -}}
{{- with $values.telemetry.otlpEndpoint -}}
{{- $collector := urlParse . -}}
{{- $_ := set $variables "RAPPORT_GATEWAY_TRACING" (printf "{otlp: {grpc: {endpoint: %q, insecure: %t}}}" $collector.host (ne $collector.scheme "https")) -}}
{{- end -}}
{{- range $name, $value := $values.settings -}}
{{- $_ := set $variables (printf "RAPPORT_GATEWAY_%s" (include "common.variable" $name)) (include "common.text" $value) -}}
{{- end -}}
{{- toYaml $variables -}}
{{- end -}}

{{- define "gateway.port" -}}
{{- ternary "8443" "8080" (ne .Values.tls.secretName "") -}}
{{- end -}}

{{- /*
A text with ${NAME} and ${NAME:-default} replaced, as the platform on one machine does it (rapport_local/gateway.py); comments
stay as they are. Takes `text` and `variables`.
*/ -}}
{{- define "gateway.filled-in" -}}
{{- $variables := .variables -}}
{{- range $line := splitList "\n" (trimSuffix "\n" .text) -}}
{{- if not (hasPrefix "#" (trim $line)) -}}
{{- range $place := regexFindAll "\\$\\{[A-Z][A-Z0-9_]*(:-[^}]*)?\\}" $line -1 -}}
{{- $name := regexFind "[A-Z][A-Z0-9_]*" $place -}}
{{- if hasKey $variables $name -}}
{{- $line = replace $place (get $variables $name) $line -}}
{{- else if contains ":-" $place -}}
{{- $line = replace $place (trimSuffix "}" (regexReplaceAllLiteral "^\\$\\{[A-Z0-9_]*:-" $place "")) $line -}}
{{- else -}}
{{- fail (printf "gateway/traefik.yml: %s has no value" $place) -}}
{{- end -}}
{{- end -}}
{{- end }}
{{ $line }}
{{- end -}}
{{- end -}}

{{- /*
The names of the files in files/routes that count: what every request passes, the portal, and each service that is there.
*/ -}}
{{- define "gateway.routes" -}}
{{- $files := list "_front.yml" "portal.yml" -}}
{{- range .Values.services -}}
{{- $file := printf "%s.yml" . -}}
{{- if not ($.Files.Get (printf "files/routes/%s" $file)) -}}
{{- fail (printf "services: there are no routes for %s: gateway/routes/%s is missing" . $file) -}}
{{- end -}}
{{- $files = append $files $file -}}
{{- end -}}
{{- toJson (dict "names" $files) -}}
{{- end -}}

{{- /*
What the config map holds. Takes the chart's own scope, for its files.
*/ -}}
{{- define "gateway.configuration" -}}
{{- $context := include "common.context" . | fromYaml -}}
{{- $variables := include "gateway.variables" $context | fromYaml -}}
traefik.yml: |
  {{- include "gateway.filled-in" (dict "text" (.Files.Get "files/traefik.yml") "variables" $variables) | nindent 2 }}
{{- range (include "gateway.routes" . | fromJson).names }}
{{ . }}: |
  {{- $.Files.Get (printf "files/routes/%s" .) | nindent 2 }}
{{- end }}
{{- end -}}
