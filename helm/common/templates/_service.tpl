{{/*
All objects of a service. The one thing that a service's chart includes:

  {{ include "common.service" . }}
*/}}
{{- define "common.service" -}}
{{- $context := include "common.context" . | fromYaml -}}
{{- range $name := list
  "common.service-account"
  "common.config-map"
  "common.prepare"
  "common.deployments"
  "common.services"
  "common.autoscalers"
  "common.scaled-objects"
  "common.disruption-budgets"
  "common.network-policies"
  "common.routes"
  "common.pod-monitor"
-}}
{{- with include $name $context | trim }}
{{ regexReplaceAll "(?m)^ *\n" . "" }}
{{- end }}
{{- end }}
{{ include "common.extra-objects" $context | trim }}
{{- end -}}
