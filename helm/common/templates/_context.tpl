{{/*
What all other templates are given: the chart's values over those of `global.rapport` over those of this library, each role
over `roleDefaults`, beside the release and the chart. As YAML, for `fromYaml`.
*/}}
{{- define "common.context" -}}
{{- $values := deepCopy .Values.common -}}
{{- $everywhere := (.Values.global | default dict).rapport | default dict -}}
{{- /* What has no database reads none of the settings that services share. */ -}}
{{- if .Values.stateless }}{{ $everywhere = omit $everywhere "settings" }}{{ end -}}
{{- include "common.overlay" (dict "under" $values "over" $everywhere) -}}
{{- include "common.overlay" (dict "under" $values "over" (omit .Values "common" "global")) -}}
{{- range $name, $own := $values.roles -}}
{{- $role := deepCopy $values.roleDefaults -}}
{{- include "common.overlay" (dict "under" $role "over" ($own | default dict)) -}}
{{- if $role.enabled }}{{ $_ := set $values.roles $name $role }}{{ else }}{{ $_ := unset $values.roles $name }}{{ end -}}
{{- end -}}
{{- dict
  "Values" $values
  "Release" .Release
  "Chart" (dict "Name" .Chart.Name "Version" .Chart.Version "AppVersion" .Chart.AppVersion)
  "Template" .Template
  | toYaml -}}
{{- end -}}
