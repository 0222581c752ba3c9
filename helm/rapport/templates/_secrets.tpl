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

{{- /*
What the command `rapport` has to know of the deployment (rapport_operator/deployment.py), as JSON. Takes `root`, `nats` (passwords),
`own` (secrets) and `urls` (of databases), by service.
*/ -}}
{{- define "rapport.deployment" -}}
{{- $root := .root -}}
{{- $platform := include "rapport.platform" $root -}}
{{- $asked := list -}}
{{- range $name, $_ := .urls }}{{ $asked = concat $asked (get $root.Subcharts $name).Values.asks }}{{ end -}}
{{- $services := dict -}}
{{- range $name, $urls := .urls -}}
{{- $http := printf "http://%s-%s:8080" $platform $name -}}
{{- $grpc := has $name $asked | ternary (printf "%s-%s-grpc:8081" $platform $name) nil -}}
{{- /* Those with an address of their own: what does jobs has none, and is watched by its probes. */ -}}
{{- $processes := dict -}}
{{- range $role, $said := (get $root.Subcharts $name).Values.roles -}}
{{- if and (ne $role "api") (has "http" $said.serves) -}}
{{- $_ := set $processes (printf "%s-%s" $name $role) (printf "http://%s-%s-%s:8080" $platform $name $role) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $services $name (dict
  "http_url" $http
  "processes" $processes
  "grpc" $grpc
  "database_url" (get $urls "runtime-url")
  "database_system_url" (get $urls "system-url")
  "database_owner_url" (get $urls "owner-url")
  "client_secret" (get (get $.own $name) "client-secret")
) -}}
{{- with get (get $.own $name) "key-encryption-secret" -}}
{{- $_ := set (get $services $name) "key_encryption_secret" . -}}
{{- end -}}
{{- if eq $name "identity" -}}
{{- $_ := set (get $services $name) "signing_secret" (get (get $.own $name) "signing-secret") -}}
{{- end -}}
{{- end -}}
{{- toJson (dict
  "gateway_url" (printf "http://%s-gateway" $platform)
  "jwks_url" (printf "http://%s-identity:8080/.well-known/jwks.json" $platform)
  "nats" (dict
    "url" (printf "nats://%s-nats:4222" $platform)
    "monitor_url" (printf "http://%s-nats:8222" $platform)
    "operator_password" .nats.operator
    "provisioner_password" .nats.provisioner
  )
  "services" $services
) -}}
{{- end -}}
