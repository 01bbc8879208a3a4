#!/usr/bin/env bash
# The proxies of docs/operations.md, each as Debian ships it, before a server that speaks plain HTTP: what is in the
# manual is what runs here. Checks the way of a worker's and a collector's call, and what a client may not smuggle past.
set -euo pipefail
# shellcheck source=src/test/sh/lib.sh
. "$(dirname "$0")/lib.sh"

manual="$(dirname "$0")/../../../docs/operations.md"
plain=http://127.0.0.1:3643
start server env LYFTDATA_STAGING_DIR="$work/staging" LYFTDATA_ADMIN_INIT_PASSWORD='correct horse battery staple 7' \
  java -jar "$jar" server --bind-address 0.0.0.0:3643 --admin-bind-address 127.0.0.1:3644 --built-in-worker=false \
  --disable-tls --trusted-proxies 127.0.0.1 --whitelist 127.0.0.21
until_true 90 "the server is ready" curl -sSf $plain/api/health

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
cat "$work/cert.pem" "$work/key.pem" >"$work/both.pem"
chmod 600 "$work"/*.pem

# snippet NAME PORT: the manual's block, with this script's files and port in place
snippet() {
  awk -v name="$1" '$0 == "<!-- " name " -->" {on=1; next} on && /^    / {print substr($0, 5); seen=1; next}
    on && seen && NF {exit}' "$manual" |
    sed -e "s#/etc/lyftdata/tls/server.crt#$work/cert.pem#; s#/etc/lyftdata/tls/server.key#$work/key.pem#" \
      -e "s#/etc/lyftdata/tls/server.pem#$work/both.pem#; s#127.0.0.1:3000#127.0.0.1:3643#" \
      -e "s#^lyftdata.example.org {#localhost:$2 {#; s#^\( *\(listen\|bind\) .*\)443 #\1$2 #"
}

{
  echo "daemon off; pid $work/nginx.pid; error_log $work/nginx-error.log; master_process off;"
  echo "events {} http { access_log off; client_body_temp_path $work/nb; proxy_temp_path $work/np;"
  echo "fastcgi_temp_path $work/nf; uwsgi_temp_path $work/nu; scgi_temp_path $work/ns;"
  snippet nginx 3651
  echo "}"
} >"$work/nginx.conf"
start nginx nginx -c "$work/nginx.conf"

{
  printf '{\n  admin off\n  auto_https disable_redirects\n  storage file_system %s\n}\n' "$work/caddy"
  snippet caddy 3652
} >"$work/Caddyfile"
start caddy env HOME="$work" caddy run --adapter caddyfile --config "$work/Caddyfile"

{
  printf 'global\n  maxconn 200\n'
  snippet haproxy 3653
} >"$work/haproxy.cfg"
start haproxy haproxy -db -f "$work/haproxy.cfg"

# code ARGUMENTS...: HTTP status, and the problem's code when there is one
code() {
  curl -sS --cacert "$work/cert.pem" -o "$work/body" -w '%{http_code}' "$@"
  jq -r 'select(.code) | " " + .code' "$work/body" 2>/dev/null || true
}

scrape=(-H 'Authorization: WHITELIST')
for proxy in nginx:3651 caddy:3652 haproxy:3653; do
  name=${proxy%:*} url=https://localhost:${proxy#*:}
  until_true 30 "$name is up" curl -sSf --cacert "$work/cert.pem" "$url/api/health"
  token=$(curl -sS --cacert "$work/cert.pem" -H 'Content-Type: application/json' \
    -d '{"username":"admin","password":"correct horse battery staple 7"}' "$url/api/login" | jq -r .token)
  expect "$name: a log-in goes through, and its session" 200 "$(code -H "Authorization: Bearer $token" "$url/api/workers")"
  expect "$name: it serves IPv6 too" 200 "$(code --connect-to "::[::1]:${proxy#*:}" -H "Authorization: Bearer $token" "$url/api/workers")"
  expect "$name: a collector is known by its own address" 200 \
    "$(code --interface 127.0.0.21 "${scrape[@]}" "$url/api/workers/metrics")"
  expect "$name: another address is refused" "403 address_refused" \
    "$(code --interface 127.0.0.22 "${scrape[@]}" "$url/api/workers/metrics")"
  for header in X-Forwarded-For X-Real-IP Forwarded; do
    value=127.0.0.21
    [ "$header" = Forwarded ] && value=for=127.0.0.21
    expect "$name: nobody makes himself a collector by $header" "403 address_refused" \
      "$(code --interface 127.0.0.22 "${scrape[@]}" -H "$header: $value" "$url/api/workers/metrics")"
  done
  expect "$name: nor by having the proxy drop X-Forwarded-For" "403 address_refused" \
    "$(code --interface 127.0.0.22 "${scrape[@]}" -H 'Connection: close, X-Forwarded-For' "$url/api/workers/metrics")"
  expect "$name: nor does a collector lose its address so" 200 \
    "$(code --interface 127.0.0.21 "${scrape[@]}" -H 'Connection: close, X-Forwarded-For' "$url/api/workers/metrics")"
  expect "$name: nor does X-Forwarded-Proto of a client's count" 200 \
    "$(code -H "Authorization: Bearer $token" -H 'X-Forwarded-Proto: http' "$url/api/workers")"
  set +e
  LYFTDATA_TLS_CA="$work/cert.pem" lyftdata certificate verify "$url" >"$work/verify"
  verified=$?
  set -e
  expect "$name: certificate verify finds nothing wrong ($(grep -c ' ok ' "$work/verify") checks)" 0 "$verified"
done

outside=$(hostname -I | tr ' ' '\n' | grep -v : | head -n 1)
[ -n "$outside" ] && expect "who is neither this host nor a proxy is refused before its credential is read" \
  "403 address_refused" "$(code -H 'Authorization: Bearer rubbish' "http://$outside:3643/api/workers")"
expect "a credential that a proxy took in the clear is refused" "403 https_required" \
  "$(code -H 'Authorization: Bearer rubbish' -H 'X-Forwarded-Proto: http' $plain/api/workers)"
is_recorded() {
  curl -sS --cacert "$work/cert.pem" -H "Authorization: Bearer $token" "$url/api/audit?outcome=https_required" |
    jq -e '.items | length > 0'
}
until_true 30 "and recorded" is_recorded
echo "proxies: all well"
