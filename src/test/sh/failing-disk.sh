#!/usr/bin/env bash
# A disk that fails (HARDENING R2, R4), by strace's fault injection: at the N-th write or fsync of the ledger or of the
# database the kernel answers EIO. What was answered is there after the next start, what is there was asked for; after a
# failed fsync the server ends with an exit code. And while no record can be written: refused within 2 s, red within 5 s.
set -euo pipefail
# shellcheck source=src/test/sh/lib.sh
. "$(dirname "$0")/lib.sh"

staging=$work/staging
url=https://127.0.0.1:3743
admin_url=http://127.0.0.1:3744
chmod 700 "$work"

server() {
  LYFTDATA_STAGING_DIR=$staging exec java -XX:TieredStopAtLevel=1 -jar "$jar" server \
    --bind-address 127.0.0.1:3743 --admin-bind-address 127.0.0.1:3744 --built-in-worker=false
}
code() {
  curl -s --max-time 30 -o "$work/answer" -w '%{http_code}' --cacert "$staging/tls/ca.crt" \
    -H 'Content-Type: application/json' "$@" || true
}
ready() { [ "$(code "$url/api/health")" = 200 ]; }
json() { jq -r "$1" "$work/answer"; }
begin() {
  start server server
  server_pid=$started
  until_true 60 "the server is ready" ready
}
issue() { code -X POST "$url/api/tokens" -H "$session" -d '{"name": "t", "role": "viewer", "expiresInSeconds": 86400, "sources": []}'; }
traced() { grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$server_pid/status"; }

# Holds all that was answered against what is there.
check() {
  expect "the tokens can be listed" 200 "$(code "$url/api/tokens?limit=1000" -H "$session")"
  jq -r '.items[].id' "$work/answer" | sort >"$work/stored"
  jq -r '.items[] | select(.revokedAt != null) | .id' "$work/answer" | sort >"$work/stored.revoked"
  sort -u "$work/issued" >"$work/issued.sorted"
  sort -u "$work/revoked" >"$work/revoked.sorted"
  expect "every token that was answered is there" "" "$(comm -23 "$work/issued.sorted" "$work/stored")"
  expect "every revocation that was answered is there" "" "$(comm -23 "$work/revoked.sorted" "$work/stored.revoked")"
  expect "no more tokens than were asked for" true "$([ "$(wc -l <"$work/stored")" -le "$asked" ] && echo true)"
  expect "the chain is whole" "200 null" "$(code "$url/api/audit/verification" -H "$session") $(json .broken)"
}

# fail WHAT FILE SYSCALLS N
fail() {
  echo "-- EIO at $3 number $4 of $1"
  strace -f -qq -o /dev/null -p "$server_pid" -P "$2" -e "trace=$3" -e "inject=$3:error=EIO:when=$4" 2>"$work/strace.log" &
  local tracer=$! status
  processes+=("$tracer")
  until_true 20 "the tracer is there" traced
  for _ in 1 2 3 4; do
    asked=$((asked + 1))
    status=$(issue)
    [ "$status" != 200 ] || json .id >>"$work/issued"
    local id
    id=$(tail -n 1 "$work/issued")
    status=$(code -X DELETE "$url/api/tokens/$id" -H "$session")
    case $status in
      204 | 503) [ "$status" = 204 ] || [ "$(json .code)" = audit_pending ] || continue && echo "$id" >>"$work/revoked" ;;
      *) ;;
    esac
  done
  if [ "$3" = fsync,fdatasync ]; then
    status=0
    timeout 60 tail --pid="$server_pid" -f /dev/null || { echo "FAILED: the server goes on after a failed $3"; exit 1; }
    wait "$server_pid" || status=$?
    expect "the server ended with an exit code" true "$([ "$status" -ne 0 ] && echo true)"
  else
    kill -9 "$server_pid"
    wait "$server_pid" || true
  fi
  kill -9 "$tracer" 2>/dev/null || true
  begin
  check
}

begin
body=$(jq -Rc '{username: "admin", password: .}' "$staging/admin-password")
expect "log in" 200 "$(code -X POST "$url/api/login" -d "$body")"
session="Authorization: Bearer $(json .token)"
asked=1
expect "a token" 200 "$(issue)"
json .id >"$work/issued"
: >"$work/revoked"

for n in 1 2; do
  fail "the ledger" "$staging/ledger" write "$n"
  fail "the ledger" "$staging/ledger" fsync,fdatasync "$n"
  fail "the database" "$staging/control.db-wal" pwrite64 "$n"
  fail "the database" "$staging/control.db-wal" fsync,fdatasync "$n"
done

echo "-- the database is locked by somebody else, so no record can be written"
python3 - "$staging/control.db" <<'PYTHON' &
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
time.sleep(12)
PYTHON
processes+=("$!")
sleep 1
before=$(date +%s%N)
expect "a change is refused" 503 "$(issue)"
refused=$((($(date +%s%N) - before) / 1000000))
expect "within 2 s ($refused ms)" true "$([ "$refused" -le 2000 ] && echo true)"
red() { [ "$(curl -sS -H "Authorization: Bearer $(cat "$staging/admin.token")" "$admin_url/healthcheck" | jq .audit.healthy)" = false ]; }
until_true 5 "health is red within 5 s" red
expect "readiness is not" 200 "$(code "$url/api/health")"
check
echo "failing-disk: all well"
