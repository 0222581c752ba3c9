{{/*
The platform that a release belongs to. Its parts find each other by it, whether one release installs them all or each has
its own: `rapport` holds rapport-identity and rapport-contacts, and so do the releases `identity` and `contacts`. A release
called `staging-contacts` belongs to the platform `staging`. At most 22 characters: the names of its objects have 63.
*/}}
{{- define "common.platform" -}}
{{- $release := .Release.Name -}}
{{- $platform := .Values.platform -}}
{{- if not $platform -}}
{{- $platform = ternary "rapport" (trimSuffix (printf "-%s" .Chart.Name) $release) (eq $release .Chart.Name) -}}
{{- end -}}
{{- if gt (len $platform) 22 -}}
{{- $platform = printf "%s-%s" (trunc 14 $platform | trimSuffix "-") (sha256sum $platform | trunc 7) -}}
{{- end -}}
{{- $platform -}}
{{- end -}}

{{/*
What the objects of this service are called, and what their names begin with.
*/}}
{{- define "common.name" -}}
{{- printf "%s-%s" (include "common.platform" .) .Chart.Name -}}
{{- end -}}

{{/*
What the Service of a role is called: that of `api` like the service itself. Takes `context` and `role`.
*/}}
{{- define "common.service-name" -}}
{{- $name := include "common.name" .context -}}
{{- if eq .role "api" }}{{ $name }}{{ else }}{{ printf "%s-%s" $name .role }}{{ end -}}
{{- end -}}

{{/*
The name of a secret: the one that `given` says, or by the name of the service and what the secret is for. Takes `context`,
`given` and `what`.
*/}}
{{- define "common.secret-name" -}}
{{- .given | default (printf "%s-%s" (include "common.name" .context) .what) -}}
{{- end -}}
