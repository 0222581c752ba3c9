{{/*
The image: by digest where one is given, since a tag may move.
*/}}
{{- define "common.image" -}}
{{- $image := .Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end -}}
{{- $image.repository | default (printf "rapport/%s" .Chart.Name) -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .Chart.AppVersion }}{{ end -}}
{{- end -}}
