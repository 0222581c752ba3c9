{{/*
What an operator adds: objects, or text with templates in it.
*/}}
{{- define "common.extra-objects" -}}
{{- $context := . -}}
{{- range .Values.extraObjects }}
---
{{ if kindIs "string" . }}{{ tpl . $context }}{{ else }}{{ tpl (toYaml .) $context }}{{ end }}
{{- end }}
{{- end -}}
