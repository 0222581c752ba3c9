{{- /*
A secret: what the cluster has of it stays, what it lacks is taken from `made`. Gives its values, as JSON. Takes `root`,
`name` and `made`.
*/ -}}
{{- define "rapport.kept" -}}
{{- $kept := dict -}}
{{- $there := (lookup "v1" "Secret" .root.Release.Namespace .name).data | default dict -}}
{{- range $key, $value := .made -}}
{{- $_ := set $kept $key (hasKey $there $key | ternary (get $there $key | default "" | b64dec) $value) -}}
{{- end -}}
{{- toJson $kept -}}
{{- end -}}

{{- /*
A random password. It begins with a letter: the broker would take some others for numbers.
*/ -}}
{{- define "rapport.password" -}}
{{- printf "p%s" (randAlphaNum 39) -}}
{{- end -}}

{{- /*
Takes `root`, `name` and `values`.
*/ -}}
{{- define "rapport.secret" -}}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ .name }}
  labels: {{- include "rapport.labels" .root | nindent 4 }}
  annotations:
    # Data outlive the release, and are of no use without these.
    helm.sh/resource-policy: keep
type: Opaque
data:
  {{- range $key, $value := .values }}
  {{ $key }}: {{ $value | b64enc | quote }}
  {{- end }}
{{- end -}}

{{- /*
The addresses of a service's database, for each of its logins (chassis/embedded/databases.py), as JSON. Takes `platform`,
`service` and the `admin` password.
*/ -}}
{{- define "rapport.database-urls" -}}
{{- $database := replace "-" "_" .service -}}
{{- $server := printf "%s-postgres:5432" .platform -}}
{{- $urls := dict "admin-url" (printf "postgresql://rapport_admin:%s@%s/postgres" .admin $server) -}}
{{- range $login := list "owner" "runtime" "system" -}}
{{- $url := printf "postgresql://%s_%s:%s@%s/%s" $database $login (include "rapport.password" $) $server $database -}}
{{- $_ := set $urls (printf "%s-url" $login) $url -}}
{{- end -}}
{{- toJson $urls -}}
{{- end -}}
