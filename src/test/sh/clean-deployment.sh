#!/usr/bin/env bash
# A deployment as the hardening page wants it, made by nothing but what the documents say, as root: a service account, a
# certificate of its own, secrets in private files, a worker, a collector, a proven backup. The posture finds nothing in
# it; then faults are planted one by one, and each finding's remedy, run as printed, makes it go.
set -euo pipefail
if [ "${1:-}" != inside ]; then
  exec unshare -m "$0" inside
fi
# shellcheck source=src/test/sh/lib.sh
. "$(dirname "$0")/lib.sh"

account=61333
url=https://localhost:3743
home=$work/home
export XDG_STATE_HOME=$work/state
chmod 755 "$work"
umask 077
install -m 644 "$jar" "$work/lyftdata.jar" # where the account can read it
jar=$work/lyftdata.jar
[ -z "$(swapon --show --noheadings)" ] || { echo "this host swaps: what lies in memory may lie on its disk"; exit 1; }

# Memory without swap stands in for the encrypted volume.
mkdir "$home"
mount -t tmpfs -o size=512m,mode=700,uid=$account,gid=$account tmpfs "$home"
as_service() { setpriv --reuid "$account" --regid "$account" --clear-groups --no-new-privs env HOME="$home" "$@"; }
private() { install -m 600 -o "$account" -g "$account" /dev/stdin "$1"; }

echo "-- a certificate, a backup recipient, a configuration"
openssl ecparam -name prime256v1 -genkey -noout -out "$work/ca.key"
openssl req -x509 -new -key "$work/ca.key" -days 3650 -subj "/CN=the house's authority" -out "$work/ca.crt"
openssl ecparam -name prime256v1 -genkey -noout -out "$work/server.key"
openssl req -new -key "$work/server.key" -subj /CN=localhost -out "$work/server.csr"
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:false\n' >"$work/server.ext"
openssl x509 -req -in "$work/server.csr" -CA "$work/ca.crt" -CAkey "$work/ca.key" -days 90 -extfile "$work/server.ext" \
  -out "$work/server.crt" 2>/dev/null
cat "$work/server.crt" "$work/ca.crt" | private "$home/server.crt"
private "$home/server.key" <"$work/server.key"
age-keygen -o "$work/identity.txt" 2>/dev/null
private "$home/config.yml" <<YAML
bind-address: 127.0.0.1:3743
admin-bind-address: 127.0.0.1:3744
staging-dir: $home/staging
tls-cert: $home/server.crt
tls-key: $home/server.key
whitelist: [127.0.0.7=metrics]
built-in-worker: false
backup:
  recipients: [$(age-keygen -y "$work/identity.txt")]
  directory: $home/backups
  copies: [$home/copies]
YAML
install -d -m 700 -o "$account" -g "$account" "$home/backups" "$home/copies"
# service [NAME=VALUE]... COMMAND...: in the place of this process
service() {
  ulimit -n 4096
  exec setpriv --reuid "$account" --regid "$account" --clear-groups --no-new-privs env HOME="$home" "$@"
}
server() { service java -jar "$jar" server "$home/config.yml"; }
worker() { service "$@" java -jar "$jar" worker --url "$url" --worker-name web-1 --jobs-dir "$home/web-1"; }
ready() { curl -sSf --cacert "$work/ca.crt" "$url/api/health" | grep -q '"ready"'; }
online() { lyftdata workers show "$1" --output json | jq -e '.state == "online"'; }
# posture WHAT EXIT-CODE CHECKS: what it finds
posture() {
  local status=0
  lyftdata posture --output json >"$work/posture.json" || status=$?
  expect "$1" "$2 $3" "$status $(jq -r '[.checks[] | select(.findings | length > 0) | .id] | join(" ")' "$work/posture.json")"
}
remedy() { jq -r --arg id "$1" '.checks[] | select(.id == $id) | .findings[0].remedy' "$work/posture.json"; }

echo "-- start, and take the first password away"
expect "the configuration is usable" 0 "$(as_service java -jar "$jar" check "$home/config.yml" >"$work/check.log" 2>&1 && echo 0)"
start server server
server_pid=$started
until_true 120 "the server is ready" ready
lyftdata login admin --url "$url" --tls-ca "$work/ca.crt" <"$home/staging/admin-password" >"$work/login.log"
posture "what a first start leaves to be done is found" 3 "admin-password backup-proven"
openssl rand -base64 24 >"$work/password"
lyftdata users set-password admin <"$work/password" >>"$work/login.log"

echo "-- a worker joins, and the way in is shut behind it"
lyftdata enrollment enable --limit 1 --output json | jq -r .enrollment_secret | private "$home/enrollment.key"
start worker worker LYFTDATA_AUTO_ENROLLMENT_KEY_FILE="$home/enrollment.key" LYFTDATA_TLS_CA="$home/server.crt"
worker_pid=$started
until_true 60 "the worker is online" online web-1
expect "the secret was switched off by its count" false "$(lyftdata enrollment show --output json | jq -r .enabled)"
rm "$home/enrollment.key"

echo "-- a collector reads, and a backup is proven"
expect "the collector reads" 200 "$(curl -sS -o "$work/fleet.prom" -w '%{http_code}' --interface 127.0.0.7 \
  --cacert "$work/ca.crt" -H 'Authorization: WHITELIST prometheus' "$url/api/workers/metrics")"
lyftdata backup create >"$work/backup.log"
posture "a backup that nobody has opened" 3 backup-proven
proof=$(remedy backup-proven)
proof=${proof%%,*}
eval "${proof/KEY/$work/identity.txt}" >>"$work/backup.log" 2>&1

echo "-- nothing is found, and what is planted is"
posture "the posture of a clean deployment" 0 ""
expect "and in words" "nothing found" "$(lyftdata posture | tail -n 1 | sed 's/.*: //')"

chmod 644 "$home/staging/signing.key"
posture "a file that others can read" 3 file-modes
as_service bash -c "$(remedy file-modes)"
posture "its remedy, as printed" 0 ""

mkdir "$home/staging/lost+found"
posture "what mkfs leaves in a volume, where the server cannot look" 3 file-modes
eval "$(remedy file-modes)"
posture "its remedy, as printed, by root" 0 ""

fallocate -l 420m "$home/ballast"
posture "a disk that is nearly full" 3 disk-use
rm "$home/ballast"
posture "its remedy: space is free" 0 ""

chown root "$home/copies"
posture "copies on a disk that is away: its mount point is root's" 0 ""
chown 61334 "$home/copies"
posture "copies in another user's directory" 3 file-modes
eval "$(remedy file-modes)"
posture "its remedy, as printed, by root" 0 ""

lyftdata tokens issue --name ci --role admin --expires 365d >"$work/token.log"
posture "a token for a year" 3 token-expiry
eval "$(remedy token-expiry)" >>"$work/token.log"
posture "its remedy, as printed" 0 ""

restart_worker() {
  kill "$worker_pid"
  wait "$worker_pid" || true
  start worker worker "$@"
  worker_pid=$started
}
says() { lyftdata workers show web-1 --output json | jq -e --arg mode "$1" '.tlsMode == $mode'; }
restart_worker LYFTDATA_TLS_INSECURE=true
until_true 60 "the worker trusts any server" says insecure
posture "a worker that trusts any server" 3 worker-tls
restart_worker LYFTDATA_TLS_PIN="$(remedy worker-tls | grep -o 'sha256:[0-9a-f]\{64\}')"
until_true 60 "the worker pins" says pinned
posture "its remedy, with the pin that is printed" 0 ""

echo "-- a restart changes nothing of it"
kill "$server_pid"
wait "$server_pid" || true
start server server
until_true 120 "the server is ready again" ready
until_true 60 "the worker is back" online web-1
posture "the posture after a restart" 0 ""
expect "nothing of the service is open to others" "" "$(find "$home" -perm /077 ! -type l)"
umount -l "$home"
echo "clean-deployment: all well"
