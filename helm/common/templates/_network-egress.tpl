{{/*
Whom the pods of a service may call.
*/}}
{{- define "common.network-egress" -}}
{{- $context := . -}}
{{- $policy := dict "context" . "roles" (keys .Values.roles | sortAlpha) "direction" "egress" -}}
{{- $calls := dict "to-dns" (include "common.to-dns" .) -}}
{{- if not .Values.stateless -}}
{{- $_ := set $calls "to-database" (include "common.to-database" .) -}}
{{- $_ := set $calls "to-nats" (include "common.to-nats" .) -}}
{{- if .Values.telemetry.otlpEndpoint }}{{ $_ := set $calls "to-telemetry" (include "common.to" .Values.network.telemetry) }}{{ end -}}
{{- if and .Values.sendsMail .Values.mail.enabled }}{{ $_ := set $calls "to-mail" (include "common.to" .Values.network.mail) }}{{ end -}}
{{- if .Values.callsOutside }}{{ $_ := set $calls "to-outside" (include "common.to-outside" .) }}{{ end -}}
{{- end -}}
{{- range .Values.asks -}}
{{- $_ := set $calls (printf "to-%s" .) (include "common.to-service" (dict "context" $context "name" . "ports" (list "grpc"))) -}}
{{- end -}}
{{- if has "identity" .Values.asks -}}
{{- $_ := set $calls "to-identity" (include "common.to-service" (dict "context" . "name" "identity" "ports" (list "grpc" "http"))) -}}
{{- end -}}
{{- range .Values.documents -}}
{{- $_ := set $calls (printf "to-%s" .) (include "common.to-service" (dict "context" $context "name" . "ports" (list "http"))) -}}
{{- end -}}
{{- range $call, $rules := $calls }}
{{ include "common.network-policy" (merge (dict "call" $call "rules" $rules) $policy) }}
{{- end }}
{{- end -}}

{{- define "common.to-dns" -}}
- to: {{- toYaml .Values.network.dns.to | nindent 4 }}
  ports:
    - {protocol: UDP, port: {{ .Values.network.dns.port }}}
    - {protocol: TCP, port: {{ .Values.network.dns.port }}}
{{- end -}}

{{- define "common.to-database" -}}
{{- $database := .Values.network.database -}}
- to:
    {{- if $database.to }}{{ toYaml $database.to | nindent 4 }}{{ else }}
    {{- include "common.pods-of" (dict "context" . "name" "postgres") | nindent 4 }}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ $database.port }}}
{{- end -}}

{{/*
The monitoring port too: from there services learn how far behind their consumers are.
*/}}
{{- define "common.to-nats" -}}
{{- $nats := .Values.network.nats -}}
- to:
    {{- if $nats.to }}{{ toYaml $nats.to | nindent 4 }}{{ else }}
    {{- include "common.pods-of" (dict "context" . "name" "nats") | nindent 4 }}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ $nats.port }}}
    - {protocol: TCP, port: {{ $nats.monitorPort }}}
{{- end -}}

{{/*
To what the values say; where they name nobody, anywhere on this port but the addresses at which clouds keep credentials.
*/}}
{{- define "common.to" -}}
- to:
    {{- if .to }}{{ toYaml .to | nindent 4 }}{{ else }}
    - ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16]}
    - ipBlock: {cidr: "::/0", except: ["64:ff9b::a9fe:0/112", "fd00:ec2::/32", "fe80::/10"]}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ .port }}}
{{- end -}}

{{/*
Takes `context`, the `name` of the other service and the names of `ports`.
*/}}
{{- define "common.to-service" -}}
{{- $ports := .context.Values.ports -}}
- to:
    {{- include "common.pods-of" . | nindent 4 }}
  ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ get $ports . }}}
    {{- end }}
{{- end -}}

{{/*
Addresses that tenants give: anywhere but inside, where the metadata of the cloud is too. The service itself refuses the same.
*/}}
{{- define "common.to-outside" -}}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: {{- toYaml .Values.network.outside.except | nindent 10 }}
    - ipBlock:
        cidr: ::/0
        except: {{- toYaml .Values.network.outside.exceptV6 | nindent 10 }}
  ports:
    - {protocol: TCP, port: 1, endPort: 65535}
{{- end -}}
