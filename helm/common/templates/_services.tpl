{{/*
A Service for each role that others call, and one for gRPC that has no address of its own: its callers keep connections, so they
have to see each pod in order to share their calls among all.
*/}}
{{- define "common.services" -}}
{{- $context := . -}}
{{- range $name, $role := .Values.roles }}
{{- if has "http" $role.serves }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "common.service-name" (dict "context" $context "role" $name) }}
  labels: {{- include "common.labels" $context | nindent 4 }}
spec:
  selector:
    {{- include "common.selector" $context | nindent 4 }}
    app.kubernetes.io/component: {{ $name }}
  ports:
    - {name: http, port: {{ $context.Values.ports.http }}, targetPort: http, appProtocol: http}
{{- end }}
{{- if has "grpc" $role.serves }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "common.name" $context }}-grpc
  labels: {{- include "common.labels" $context | nindent 4 }}
spec:
  clusterIP: None
  selector:
    {{- include "common.selector" $context | nindent 4 }}
    app.kubernetes.io/component: {{ $name }}
  ports:
    - {name: grpc, port: {{ $context.Values.ports.grpc }}, targetPort: grpc, appProtocol: grpc}
{{- end }}
{{- end }}
{{- end -}}
