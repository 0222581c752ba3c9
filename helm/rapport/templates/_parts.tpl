{{- /*
The platform that this release is; all parts name their objects by it.
*/ -}}
{{- define "rapport.platform" -}}
{{- $global := (.Values.global | default dict).rapport | default dict -}}
{{- include "common.platform" (dict
  "Release" .Release
  "Chart" (dict "Name" "identity")
  "Values" (dict "platform" ($global.platform | default ""))
) -}}
{{- end -}}

{{- /*
The services that this release installs, as JSON: the parts that have a database.
*/ -}}
{{- define "rapport.services" -}}
{{- $names := list -}}
{{- range .Chart.Dependencies -}}
{{- $part := get $.Subcharts .Name -}}
{{- if $part -}}
{{- if and $part.Values.roles (not $part.Values.stateless) -}}
{{- $names = append $names .Name -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson (dict "names" $names) -}}
{{- end -}}

{{- define "rapport.labels" -}}
app.kubernetes.io/name: rapport
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: {{ include "rapport.platform" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}
