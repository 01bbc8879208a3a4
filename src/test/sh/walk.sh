#!/usr/bin/env bash
# The README's walk, as a new user: start, enroll a worker, follow a log file, let a real Prometheus scrape over HTTPS
# from an allowlisted address and nobody else, then kill -9 server and worker in turn and lose nothing.
set -euo pipefail
# shellcheck source=src/test/sh/lib.sh
. "$(dirname "$0")/lib.sh"

staging=$work/staging
url=https://127.0.0.1:3000
export XDG_STATE_HOME=$work/state
chmod 700 "$work"

server() {
  LYFTDATA_STAGING_DIR=$staging LYFTDATA_API_WHITELIST=127.0.0.1 exec java -jar "$jar" server
}
worker() {
  LYFTDATA_AUTO_ENROLLMENT_KEY_FILE=$work/enrollment.key exec java -jar "$jar" worker --url "$url" --tls-pin "$pin" \
    --worker-name second --jobs-dir "$work/jobs" --metrics-interval 2s --log-file "$work/app.txt"
}
ready() { curl -sSf --cacert "$staging/tls/ca.crt" "$url/api/health" | grep -q '"ready"'; }
online() { lyftdata workers show "$1" --output json | jq -e '.state == "online"'; }
shipped() { lyftdata workers logs second --limit 10000 --since 1h --output json | jq -r 'select(.source | endswith("app.txt")) | .message'; }
shipped_exactly() { [ "$(shipped | sort -n | uniq -c | awk '$1 != 1 {bad = 1} END {print NR, bad + 0}')" = "$1 0" ]; }
series() { curl -sSf "http://127.0.0.1:9099/api/v1/query?query=$1" | jq -e '.data.result | length > 0'; }

echo "-- first start"
start server server
server_pid=$started
until_true 60 "the server is ready" ready
pin=$(grep -o 'pin sha256:[0-9a-f]\{64\}' "$work/server.log" | head -n 1 | cut -d ' ' -f 2)

echo "-- log in with the first password, and change it"
lyftdata login admin --url "$url" --tls-pin "$pin" <"$staging/admin-password"
openssl rand -base64 24 >"$work/password"
lyftdata users set-password admin <"$work/password"
[ ! -e "$staging/admin-password" ] || { echo "FAILED: admin-password outlived the change"; exit 1; }
until_true 60 "the built-in worker is online" online built-in

echo "-- enroll a second worker, which follows a log file"
(umask 077; lyftdata enrollment enable --output json | jq -r .enrollment_secret >"$work/enrollment.key")
seq 1 100 >"$work/app.txt"
start worker worker
worker_pid=$started
until_true 60 "the second worker is online" online second
until_true 30 "its log file arrived" shipped_exactly 100

echo "-- rotate its key, then isolate and release it"
active() { lyftdata api-keys list second --output json | jq -r '.. | objects | select(.state? == "active") | .id'; }
is_isolated() { lyftdata workers show second --output json | jq -e '.state == "isolated"'; }
before=$(active)
lyftdata api-keys rotate --worker second >/dev/null
expect "another key is in force, and only one" "1 0" "$(active | wc -l) $(active | grep -c "$before" || true)"
lyftdata workers isolate second --reason "a walk" --yes >/dev/null
until_true 10 "it is isolated" is_isolated
until_true 60 "it says so itself" grep -q "this worker is isolated" "$work/worker.log"
lyftdata workers release second >/dev/null
until_true 120 "it is back" online second

echo "-- a real Prometheus scrapes the fleet without a token"
cat >"$work/prometheus.yml" <<YAML
scrape_configs:
  - job_name: fleet
    scheme: https
    scrape_interval: 1s
    metrics_path: /api/workers/metrics
    authorization: {type: WHITELIST, credentials: any}
    tls_config: {ca_file: $staging/tls/ca.crt}
    static_configs: [{targets: ['127.0.0.1:3000']}]
YAML
start prometheus prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
  --web.listen-address=127.0.0.1:9099
until_true 60 "Prometheus has the second worker's series" series 'node_load1%7Bworker%3D%22second%22%7D'
until_true 30 "both workers are up" series 'count(lyftdata_worker_up==1)==2'
curl -sSf --cacert "$staging/tls/ca.crt" -H 'Authorization: WHITELIST' "$url/api/workers/metrics" >"$work/fleet.prom"
promtool check metrics <"$work/fleet.prom" >"$work/promtool.txt" 2>&1 || status=$?
expect "promtool finds the exposition valid" 0 "$(grep -c 'error while' "$work/promtool.txt" || true)"

echo "-- and nobody else"
code() { curl -sS -o /dev/null -w '%{http_code}' --cacert "$staging/tls/ca.crt" "$@"; }
expect "an address that is not listed is refused" 403 \
  "$(code --interface 127.0.0.9 -H 'Authorization: WHITELIST' "$url/api/workers/metrics")"
expect "the allowlist opens nothing else" 403 "$(code -H 'Authorization: WHITELIST' "$url/api/workers")"
expect "no credential, no answer" 401 "$(code "$url/api/workers/metrics")"
expect "a wrong key is final, from a listed address too" 401 "$(code -H 'Authorization: Bearer x' "$url/api/workers/metrics")"
expect "a client without the pin is told what to do" 1 \
  "$(XDG_STATE_HOME=$work/nobody LYFTDATA_API_TOKEN=x lyftdata workers list --url "$url" 2>&1 | grep -c -- '--tls-pin')"

echo "-- kill -9 the server; lines written meanwhile wait at the worker"
kill -9 "$server_pid"
wait "$server_pid" || true
seq 101 200 >>"$work/app.txt"
start server server
server_pid=$started
until_true 60 "the server is back" ready
until_true 90 "nothing is lost, nothing doubled" shipped_exactly 200

echo "-- kill -9 the worker; lines written meanwhile wait in the file"
kill -9 "$worker_pid"
wait "$worker_pid" || true
seq 201 300 >>"$work/app.txt"
start worker worker
until_true 60 "the worker is back, by its own key" shipped_exactly 300
expect "it is the same worker" 1 "$(lyftdata workers list --output json | jq -c . | grep -c '"id":"second"')"

echo "-- SIGTERM ends the server in order"
kill -TERM "$server_pid"
status=0
wait "$server_pid" || status=$?
expect "exit code of a stopped server" 143 "$status"
expect "no token of the admin connector is left" 0 "$(find "$staging" -name admin.token | wc -l)"
expect "nothing in the staging directory is open to others" 0 "$(find "$staging" -perm /077 ! -type l | wc -l)"

echo "-- start once more with /tmp mounted noexec"
# shellcheck disable=SC2016
start noexec env LYFTDATA_STAGING_DIR="$staging" unshare --mount --propagation private \
  bash -c 'mount -t tmpfs -o noexec tmpfs /tmp && exec java -jar "$1" server' noexec "$jar"
until_true 60 "it starts where nothing in /tmp may be executed" ready
until_true 60 "and so does its worker" online built-in
echo "walk: all well"
