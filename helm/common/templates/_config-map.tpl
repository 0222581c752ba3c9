{{/*
The settings that are no secret, the same for all roles.
*/}}
{{- define "common.config-map" -}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "common.name" . }}
  labels: {{- include "common.labels" . | nindent 4 }}
data: {{- include "common.variables" . | nindent 2 }}
{{- end -}}
