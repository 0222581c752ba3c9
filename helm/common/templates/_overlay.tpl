{{/*
Puts the mapping `over` onto the mapping `under`, in place. Unlike `mergeOverwrite` it lets false, 0, "" and [] win.
*/}}
{{- define "common.overlay" -}}
{{- $under := .under -}}
{{- range $key, $value := .over -}}
{{- if and (kindIs "map" $value) (kindIs "map" (get $under $key)) -}}
{{- include "common.overlay" (dict "under" (get $under $key) "over" $value) -}}
{{- else -}}
{{- $_ := set $under $key $value -}}
{{- end -}}
{{- end -}}
{{- end -}}
