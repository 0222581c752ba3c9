{{/*
Nobody talks to the pods of a service, nor they to anybody, but for the calls named here: one policy a call.
*/}}
{{- define "common.network-policies" -}}
{{- if .Values.network.enabled }}
{{ include "common.network-nobody" . }}
{{ include "common.network-ingress" . }}
{{ include "common.network-egress" . }}
{{- end }}
{{- end -}}

{{- define "common.network-nobody" -}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "common.name" . }}-nobody
  labels: {{- include "common.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "common.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
{{- end -}}

{{/*
One policy. Takes `context`, `call` (its name), `roles` (whose pods), `direction` (ingress or egress) and `rules`.
*/}}
{{- define "common.network-policy" -}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "common.name" .context }}-{{ .call }}
  labels: {{- include "common.labels" .context | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "common.selector" .context | nindent 6 }}
    matchExpressions:
      - {key: app.kubernetes.io/component, operator: In, values: [{{ join ", " .roles }}]}
  policyTypes: [{{ title .direction }}]
  {{ .direction }}: {{- .rules | nindent 4 }}
{{- end -}}
