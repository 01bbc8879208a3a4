#!/usr/bin/env bash
# A full disk (HARDENING R3), on a small tmpfs of its own mount namespace, as root: telemetry is refused first, isolation,
# revocation and audit go on in the reserve, an incident is opened and goes as far as it can, nothing that was answered is
# lost, and all recovers within 5 s of space.
set -euo pipefail
if [ "${1:-}" != inside ]; then
  exec unshare -m "$0" inside
fi
# shellcheck source=src/test/sh/lib.sh
. "$(dirname "$0")/lib.sh"

disk=$work/disk
url=https://127.0.0.1:3643
admin_url=http://127.0.0.1:3644
mkdir "$disk"
mount -t tmpfs -o size=128m,mode=700 tmpfs "$disk"
staging=$disk/staging

age-keygen -o "$work/age.key" 2>/dev/null
printf 'backup: {recipients: [%s]}\n' "$(age-keygen -y "$work/age.key")" >"$work/config.yml"

server() {
  LYFTDATA_STAGING_DIR=$staging LYFTDATA_DB_DISK_USE_MAX_PERCENT=99 exec java -jar "$jar" server \
    "$work/config.yml" --bind-address 127.0.0.1:3643 --admin-bind-address 127.0.0.1:3644 --built-in-worker=false
}
call() { curl -sS --max-time 20 --cacert "$staging/tls/ca.crt" "$@"; }
code() { call -o "$work/answer" -w '%{http_code}' -H "Content-Type: ${type:-application/json}" "$@"; }
ready() { call -f "$url/api/health" | grep -q '"ready"'; }
json() { jq -r "$1" "$work/answer"; }
health() { curl -sS -H "Authorization: Bearer $(cat "$staging/admin.token")" "$admin_url/healthcheck" | jq -r ".reserve.healthy"; }
fill() { dd if=/dev/zero of="$disk/filler" bs=64k status=none oflag=append conv=notrunc 2>/dev/null || dd if=/dev/zero of="$disk/filler" bs=512 status=none oflag=append conv=notrunc 2>/dev/null || true; }
metrics() { type=text/plain code -X PUT "$url/api/worker/metrics" -H "Authorization: Bearer $key" -H "Lyftdata-Instance: $instance" --data-binary $'load 1\n'; }
is_whole() { [ "$(stat -c %s "$staging/reserve" || echo 0)" -ge 16777216 ]; }
take() { [ "$(metrics)" = 204 ]; }
# run INCIDENT STEP: the step's state
run() {
  code -X POST "$url/api/incidents/$1/run" -H "$session" -d "{\"step\": \"$2\"}" >"$work/status"
  json ".incident.steps[] | select(.name == \"$2\") | .state"
}
# The worker's own proof of its key is worked out by openssl.
enroll() {
  openssl genpkey -algorithm ed25519 -out "$work/identity.pem" 2>/dev/null
  local public secret id hash now body
  public=$(openssl pkey -in "$work/identity.pem" -pubout -outform DER | base64 -w 0)
  id=$(openssl rand -hex 16)
  secret=$(openssl rand -hex 32)
  key=lyd_wk_${id}_${secret}
  key=$key$(printf '%s' "$key" | gzip -c | tail -c 8 | head -c 4 | od -An -tx4 --endian=little | tr -d ' ')
  hash=$(printf '%s' "$key" | sha256sum | cut -d ' ' -f 1)
  now=$(date +%s%3N)
  printf 'lyftdata-enroll-v1\nPOST\n/api/enroll\nfull\n\n%s\n%s\n%s\n%s' "$id" "$hash" "$public" "$now" >"$work/proof"
  body=$(jq -nc --arg id "$id" --arg hash "$hash" --arg public "$public" --argjson now "$now" \
    --arg signature "$(openssl pkeyutl -sign -rawin -inkey "$work/identity.pem" -in "$work/proof" | base64 -w 0)" \
    '{name: "full", labels: {}, keyId: $id, keyHash: $hash, identityKey: $public, time: $now, signature: $signature}')
  expect "a worker joins" 200 "$(code -X POST "$url/api/enroll" -H "Authorization: Enrollment $enrollment" -d "$body")"
}

start server server
server_pid=$started
until_true 60 "the server is ready" ready
until_true 10 "the reserve is made" is_whole
body=$(jq -Rc '{username: "admin", password: .}' "$staging/admin-password")
expect "log in" 200 "$(code -X POST "$url/api/login" -d "$body")"
session="Authorization: Bearer $(json .token)"
code -X POST "$url/api/workers/auto-enrollment" -H "$session" -d '{"enabled": true}' >"$work/status"
enrollment=$(json .enrollment_secret)
enroll
instance=$(openssl rand -hex 16)
expect "its metrics are taken" 204 "$(metrics)"
tokens=()
for _ in 1 2 3 4 5 6 7 8; do
  code -X POST "$url/api/tokens" -H "$session" -d '{"name": "t", "role": "viewer", "expiresInSeconds": 3600, "sources": []}' >"$work/status"
  tokens+=("$(json .id)")
done

# More than the reserve gives at a time, so that evidence of it does not fit.
for _ in $(seq 8); do head -c 200000 /dev/urandom | base64 -w 250 | sed 's/.*/{"timestamp":"'"$(date -u +%FT%T.000Z)"'","message":"&"}/'; done >>"$staging/logs/server.log"

echo "-- the disk is full"
fill
# SQLite's log holds room that was written before: bring it to its end.
accepted=0
for n in $(seq 1 400); do
  status=$(code -X POST "$url/api/users" -H "$session" -d "{\"name\": \"user-$n\", \"password\": \"a long way to Tipperary 9\", \"role\": \"viewer\"}")
  [ "$status" = 200 ] || { echo "FAILED: user $n: $status $(cat "$work/answer")"; exit 1; }
  accepted=$n
  fill
  [ "$(health)" = true ] || break
done
expect "a write found the disk full, and was taken from the reserve" false "$(health)"
expect "telemetry is refused first" 507 "$(metrics)"
for token in "${tokens[@]}"; do
  fill
  expect "a token is revoked" 204 "$(code -X DELETE "$url/api/tokens/$token" -H "$session")"
done
fill
expect "the worker is isolated" 200 "$(code -X POST "$url/api/workers/full/isolate" -H "$session" -d '{"reason": "stolen"}')"
expect "and shut out" 403 "$(metrics)"
fill
expect "an incident is opened" 200 "$(code -X POST "$url/api/incidents" -H "$session" \
  -d '{"reason": "stolen, and the disk is full", "scope": {"workers": ["full"]}}')"
incident=$(json .id)
expect "its worker is isolated" "done" "$(run "$incident" isolate)"
for step in $(code "$url/api/incidents/$incident" -H "$session" >"$work/status"; json '.steps[].name'); do
  case $step in isolate) continue ;; evidence) break ;; esac
  fill
  expect "step $step is skipped" 200 "$(code -X POST "$url/api/incidents/$incident/skip" -H "$session" \
    -d "{\"step\": \"$step\", \"reason\": \"a test\"}")"
done
fill
expect "its evidence finds no room" failed "$(run "$incident" evidence)"
json '.incident.steps[] | select(.name == "evidence") | .said'
expect "which leaves nothing half done" "" "$(find "$staging/incident" -name '*.age' -o -name '.lyftdata-*')"
expect "and let in again" 200 "$(code -X POST "$url/api/workers/full/release" -H "$session")"
expect "the chain is whole" null "$(code "$url/api/audit/verification" -H "$session" >/dev/null; json .broken)"
expect "the server lives on" true "$(ready && echo true)"

echo "-- kill -9, and space comes back"
kill -9 "$server_pid"
wait "$server_pid" || true
rm "$disk/filler"
start server server
until_true 60 "the server is ready again" ready
until_true 5 "the reserve is whole again" is_whole
until_true 5 "telemetry is taken again within 5 s" take
code "$url/api/users?limit=1000" -H "$session" >/dev/null
expect "every user that was answered is there" "$accepted" "$(json '[.items[] | select(.name | startswith("user-"))] | length')"
code "$url/api/tokens?limit=1000" -H "$session" >/dev/null
expect "every token that was revoked stays so" 8 "$(json '[.items[] | select(.revokedAt != null)] | length')"
code "$url/api/audit/verification" -H "$session" >/dev/null
expect "the chain is whole" null "$(json .broken)"
expect "the incident's evidence is collected" "done" "$(run "$incident" evidence)"
expect "and is there" 1 "$(find "$staging/incident" -name '*.age' | wc -l)"
code "$url/api/incidents/$incident" -H "$session" >/dev/null
expect "and nothing was done twice" 1 "$(json '[.timeline[] | select(.step == "isolate" and .what == "done")] | length')"
umount -l "$disk"
echo "full-disk: all well"
