{{/*
Which pods these are. Never to be changed: what selects a deployment's pods is immutable.
*/}}
{{- define "common.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/*
The labels of every object.
*/}}
{{- define "common.labels" -}}
{{ include "common.selector" . }}
app.kubernetes.io/part-of: {{ include "common.platform" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- end -}}

{{/*
The labels of a part's pods: whom it asks stands there too, since that is what lets it through to them. Takes `context` and
`part`.
*/}}
{{- define "common.pod-labels" -}}
{{ include "common.selector" .context }}
app.kubernetes.io/component: {{ .part }}
app.kubernetes.io/part-of: {{ include "common.platform" .context }}
app.kubernetes.io/version: {{ .context.Values.image.tag | default .context.Chart.AppVersion | trunc 63 | quote }}
{{- if ne .part "prepare" }}
{{- range .context.Values.asks }}
rapport-asks-{{ . }}: "true"
{{- end }}
{{- end }}
{{- with .context.Values.pods.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
The pods of another part of the same platform, by the chart that it comes from, as network policies name whom they let through.
Takes `context` and `name`.
*/}}
{{- define "common.pods-of" -}}
- podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ .name }}
      app.kubernetes.io/part-of: {{ include "common.platform" .context }}
{{- end -}}
