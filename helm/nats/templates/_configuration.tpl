{{- /*
The names of the broker's users, as JSON: whoever makes their passwords asks for them too.
*/ -}}
{{- define "nats.users" -}}
{{- $names := list -}}
{{- range regexFindAll "(?m)^    user: .*$" (.Files.Get "files/users.conf") -1 -}}
{{- $names = append $names (trimPrefix "    user: " .) -}}
{{- end -}}
{{- toJson (dict "names" $names) -}}
{{- end -}}

{{- /*
The server's configuration. Names after $ stand for environment variables, which come from the secret.
*/ -}}
{{- define "nats.configuration" -}}
server_name: $SERVER_NAME
listen: "0.0.0.0:4222"
http: "0.0.0.0:8222"
pid_file: "/tmp/nats.pid"
max_payload: 1048576
lame_duck_grace_period: "10s"
lame_duck_duration: "30s"
jetstream: {
  store_dir: "/data"
  max_memory_store: 64MB
  max_file_store: {{ .Values.storage.streams }}
  # Written to disk before the acknowledgement: the default may lose acknowledged facts.
  sync_interval: always
}
{{- if gt (int .Values.replicas) 1 }}
cluster: {
  name: {{ include "common.name" . | quote }}
  listen: "0.0.0.0:6222"
  authorization: {user: route, password: $ROUTE_PASSWORD, timeout: 2}
  routes: $ROUTES
  connect_retries: 120
}
{{- end }}
authorization: {
  include "users.conf"
}
{{- end -}}

{{- /*
Where the servers find each other. The password is put in by Kubernetes, so that it stands in no object.
*/ -}}
{{- define "nats.routes" -}}
{{- $name := include "common.name" . -}}
{{- $routes := list -}}
{{- range until (int .Values.replicas) -}}
{{- $routes = append $routes (printf "nats://route:$(ROUTE_PASSWORD)@%s-%d.%s-servers:6222" $name . $name) -}}
{{- end -}}
[{{ join ", " $routes }}]
{{- end -}}
