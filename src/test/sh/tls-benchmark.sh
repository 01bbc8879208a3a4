#!/usr/bin/env bash
# Full and resumed TLS 1.3 handshakes, and requests on kept connections, of this server and of Debian's nginx with the same
# certificate (P-256), in interleaved rounds. Quote the ratios: the clients share the machine with the servers.
# usage: tls-benchmark.sh [ROUNDS] [SECONDS]; needs nginx, wrk and openssl
set -euo pipefail
# shellcheck source=src/test/sh/lib.sh
. "$(dirname "$0")/lib.sh"
rounds=${1:-3} seconds=${2:-5}

start server env LYFTDATA_STAGING_DIR="$work/staging" java -jar "$jar" server --log-level warn \
  --bind-address 127.0.0.1:3663 --admin-bind-address 127.0.0.1:3664 --built-in-worker=false
server=$started
until_true 90 "the server is ready" curl -sSf --cacert "$work/staging/tls/ca.crt" https://127.0.0.1:3663/api/health

mkdir -p "$work/www/api"
printf '{"status":"ready"}' >"$work/www/api/health"
cat >"$work/nginx.conf" <<CONF
daemon off; pid $work/nginx.pid; error_log $work/nginx-error.log; master_process off;
events {} http {
  access_log off; root $work/www; keepalive_requests 1000000000;
  client_body_temp_path $work/nb; proxy_temp_path $work/np; fastcgi_temp_path $work/nf;
  uwsgi_temp_path $work/nu; scgi_temp_path $work/ns;
  server {
    listen 127.0.0.1:3661 ssl; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:s:10m; ssl_session_tickets on;
    ssl_certificate $work/staging/tls/server.crt; ssl_certificate_key $work/staging/tls/server.key;
  }
}
CONF
start nginx nginx -c "$work/nginx.conf"
until_true 30 "nginx is ready" curl -sSf --cacert "$work/staging/tls/ca.crt" https://127.0.0.1:3661/api/health
nginx=$started

# ticks PID: processor time in hundredths of a second
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }

# connections PORT PID WHAT: connections a second, and the server's processor milliseconds for each
connections() {
  local before result count
  before=$(ticks "$2")
  result=$(openssl s_time -connect "127.0.0.1:$1" -"$3" -tls1_3 -www /api/health -time "$seconds" 2>/dev/null)
  count=$(awk '/real seconds/ {print $1}' <<<"$result")
  awk -v c="$count" -v s="$seconds" -v t="$(($(ticks "$2") - before))" 'BEGIN {printf "%.0f %.3f\n", c / s, 10 * t / c}'
}

requests() {
  wrk -t1 -c32 -d"${seconds}s" "https://127.0.0.1:$1/api/health" | awk '/Requests\/sec/ {printf "%.0f\n", $2}'
}

echo "warming up"
wrk -t1 -c32 -d30s https://127.0.0.1:3663/api/health >/dev/null
openssl s_time -connect 127.0.0.1:3663 -new -tls1_3 -www /api/health -time 30 >/dev/null 2>&1
openssl s_time -connect 127.0.0.1:3663 -reuse -tls1_3 -www /api/health -time 10 >/dev/null 2>&1

for round in $(seq "$rounds"); do
  read -r ours_new ours_cpu <<<"$(connections 3663 "$server" new)"
  read -r nginx_new nginx_cpu <<<"$(connections 3661 "$nginx" new)"
  read -r ours_reuse ours_reuse_cpu <<<"$(connections 3663 "$server" reuse)"
  read -r nginx_reuse _ <<<"$(connections 3661 "$nginx" reuse)"
  ours_requests=$(requests 3663) nginx_requests=$(requests 3661)
  echo "round $round: full $ours_new/s ($ours_cpu ms) of nginx's $nginx_new/s ($nginx_cpu ms);" \
    "resumed $ours_reuse/s ($ours_reuse_cpu ms) of $nginx_reuse/s; requests $ours_requests/s of $nginx_requests/s"
  awk -v a="$ours_new" -v b="$nginx_new" -v c="$ours_reuse" -v d="$ours_requests" -v e="$nginx_requests" -v f="$ours_cpu" \
    -v g="$ours_reuse_cpu" 'BEGIN {printf "  of nginx: full %.2f, requests %.2f; resumed to full: %.2f in rate, %.2f in processor time\n", a / b, d / e, c / a, f / g}'
done
