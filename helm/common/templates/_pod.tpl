{{/*
What all pods have in common. Takes `context` and `account`.
*/}}
{{- define "common.pod" -}}
{{- $pods := .context.Values.pods -}}
serviceAccountName: {{ .account }}
automountServiceAccountToken: false
# Otherwise every Service of the namespace adds variables, RAPPORT_IDENTITY_PORT for one, and a service that finds a
# variable that it does not know does not start.
enableServiceLinks: false
securityContext: {{- include "common.pod-security" .context | nindent 2 }}
{{- with .context.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with $pods.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $pods.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pods.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pods.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: tmp
    emptyDir: {sizeLimit: {{ $pods.temporarySize }}}
  {{- if include "common.has-database-authority" .context }}
  - name: database-authority
    secret:
      secretName: {{ .context.Values.database.authoritySecretName }}
      # Such secrets may hold the authority's key as well, which is nobody's business here.
      items: [{key: ca.crt, path: ca.crt}]
  {{- end }}
  {{- with $pods.authorities }}
  - name: authorities
    configMap:
      name: {{ . }}
      items: [{key: ca.crt, path: ca.crt}]
  {{- end }}
  {{- with $pods.volumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/*
What all containers have in common. Takes `context`, `name`, `arguments` and `resources`.
*/}}
{{- define "common.container" -}}
name: {{ .name }}
image: {{ include "common.image" .context }}
imagePullPolicy: {{ .context.Values.image.pullPolicy }}
{{- with .arguments }}
args: {{ toJson . }}
{{- end }}
securityContext: {{- include "common.container-security" .context | nindent 2 }}
resources: {{- toYaml .resources | nindent 2 }}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  {{- if include "common.has-database-authority" .context }}
  - {name: database-authority, mountPath: /etc/database, readOnly: true}
  {{- end }}
  {{- if .context.Values.pods.authorities }}
  - {name: authorities, mountPath: /etc/authorities, readOnly: true}
  {{- end }}
  {{- with .context.Values.pods.mounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/*
Whether pods are given the certificate of who has signed the database server's: where one is named, and who has a database.
*/}}
{{- define "common.has-database-authority" -}}
{{- if and .Values.database.authoritySecretName (not .Values.stateless) }}yes{{ end -}}
{{- end -}}

{{/*
Where OpenSSL finds the authorities that pods are given, and with it all that speaks TLS; nothing where they have those of the image.
*/}}
{{- define "common.authorities" -}}
{{- if .Values.pods.authorities }}/etc/authorities/ca.crt{{ end -}}
{{- end -}}
