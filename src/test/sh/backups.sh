#!/usr/bin/env bash
# Backups when things go wrong (HARDENING R3, R16), as root: a target that is full, targets that vanish in the middle, a
# kill -9 in the middle, and the restore with nothing but age, tar and sqlite3, by the commands of docs/operations.md.
set -euo pipefail
if [ "${1:-}" != inside ]; then
  exec unshare -m "$0" inside
fi
# shellcheck source=src/test/sh/lib.sh
. "$(dirname "$0")/lib.sh"

account=61334
url=https://127.0.0.1:3843
guide=$(cd "$(dirname "$0")/../../.." && pwd)/docs/operations.md
home=$work/home
export XDG_STATE_HOME=$work/state
chmod 755 "$work"
umask 077
install -m 644 "$jar" "$work/lyftdata.jar" # where the account can read it
jar=$work/lyftdata.jar
install -d -m 700 -o "$account" -g "$account" "$home"
# Mount points are root's, so nothing lands below them when the disk is gone.
mkdir "$work/store" "$work/disk"
attach() { mount -t tmpfs -o "size=$2,mode=700,uid=$account,gid=$account" tmpfs "$work/$1"; }

age-keygen -o "$work/backup.identity" 2>/dev/null
install -m 600 -o "$account" -g "$account" /dev/stdin "$home/config.yml" <<YAML
bind-address: 127.0.0.1:3843
admin-bind-address: 127.0.0.1:3844
built-in-worker: false
backup:
  recipients: [$(age-keygen -y "$work/backup.identity")]
  directory: $work/store
  copies: [$work/disk]
YAML
# server STAGING [FLAG]...
server() {
  exec setpriv --reuid "$account" --regid "$account" --clear-groups env HOME="$home" \
    java -jar "$jar" server "$home/config.yml" --staging-dir "$@"
}
call() { curl -sS --max-time 30 --cacert "$staging/tls/ca.crt" "$@"; }
ready() { call -f "$url/api/health" | grep -q '"ready"'; }
api() { call -H "Authorization: Bearer $token" "$@"; }
run() { api "$url/api/backups/run" | jq -r ".$1 // empty"; }
is_over() { [ "$(run state)" != running ]; }
begin() {
  api -o /dev/null -X POST "$url/api/backups" 2>/dev/null &
  begun=$!
}
finish_run() {
  wait "$begun" || true
  until_true 60 "the run is over" is_over >/dev/null
}
backups() { find "$work/store" "$work/disk" -name '*.age' -printf '%f\n' | sort | uniq -c | awk '{print $1}' | xargs; }
partials() { find "$work/store" "$work/disk" "$staging/backups" -name '.lyftdata-*' 2>/dev/null; }
recorded() { api "$url/api/audit?action=backup_created&limit=100" | jq '.items | length'; }
up() {
  start server server "$staging" "$@"
  server_pid=$started
  until_true 120 "the server is ready" ready
}
down() {
  kill "-$1" "$server_pid"
  wait "$server_pid" || true
}

staging=$home/staging
attach store 12m
attach disk 512m
up
down TERM
# Enough to take a while: 100,000 workers, some 80 MB.
sqlite3 "$staging/control.db" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
  INSERT INTO worker (id, state, labels, created_at) SELECT 'w-' || i, 'active', '{\"note\":\"' || hex(randomblob(300)) || '\"}', 1 FROM n"
chown -R "$account:$account" "$staging"
up
lyftdata login admin --url "$url" --tls-ca "$staging/tls/ca.crt" <"$staging/admin-password" >"$work/login.log"
token=$(lyftdata tokens issue --name ci --role admin --expires 1d --output json | jq -r .token)

echo "-- the target is full"
begin
finish_run
expect "the run says so" 1 "$(run failure | grep -c 'is full; make room')"
expect "no backup, no part of one, no record" " 0" "$(backups)$(partials) $(recorded)"
mount -o remount,size=512m "$work/store"
begin
finish_run
expect "with room, it is made and copied" "2 " "$(backups) $(run failure)"

echo "-- a target vanishes in the middle"
begin
sleep 0.3
umount -l "$work/disk"
finish_run
expect "the backup is made, and the copy is missed" "2 $work/disk" "$(backups | wc -w) $(run failure | cut -d ' ' -f 1)"
expect "nothing lies below the mount point" "" "$(ls -A "$work/disk")"
attach disk 512m
before=$(recorded)
begin
sleep 0.3
umount -l "$work/store"
finish_run
expect "without its directory no backup is made" 1 "$(run failure | grep -c 'cannot be written')"
expect "nor recorded, and the server lives" "$before true" "$(recorded) $(ready && echo true)"

echo "-- kill -9 in the middle (BackupTest does so at each step)"
attach store 512m
opens() { age -d -i "$work/backup.identity" "$1" | tar t | grep -qx control.db; }
for delay in 0.1 0.4 0.8; do
  begin
  sleep "$delay"
  down 9
  up
  expect "no part of a backup is left" "" "$(partials)"
  for file in "$work"/store/*.age "$work"/disk/*.age; do
    if [ -e "$file" ] && ! opens "$file"; then
      echo "FAILED: $file is not whole"
      exit 1
    fi
  done
  echo "ok: each backup that there is can be opened"
done
begin
finish_run
expect "the next one is made and copied" "" "$(run failure)"

echo "-- the restore with nothing but age, tar and sqlite3, as written"
issued=$(lyftdata tokens issue --name later-revoked --role viewer --expires 1d --output json)
begin
finish_run
revoked=$(jq -r .token <<<"$issued")
lyftdata tokens revoke "$(jq -r .id <<<"$issued")" >>"$work/login.log"
newest=$(find "$work/store" -name '*.age' | sort | tail -n 1)
down TERM
cp "$newest" "$work/FILE"
sed -n '/With nothing but age, tar and sqlite3/,/^To serve/s/^    //p' "$guide" >"$work/by-hand"
expect "there are commands to run" 5 "$(wc -l <"$work/by-hand")"
(cd "$work" && bash -euo pipefail ./by-hand) >"$work/by-hand.log"
expect "SQLite finds it whole, with every worker" "ok 100000" "$(tail -n 3 "$work/by-hand.log" | head -n 2 | xargs)"
expect "each file is what the signed manifest says" "" "$(cd "$work/restored" && head -n 1 manifest |
  jq -r '.members[] | "\(.sha256)  \(.name)"' | sha256sum -c --quiet 2>&1)"

code() { call -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $1" "$url/api/workers?limit=1"; }
give() { install -m 600 -o "$account" -g "$account" "$work/restored/$1" "$2/$1"; }
mkdir "$work/aside"
mv "$staging"/control.db* "$work/aside"
give control.db "$staging"
up
expect "the ledger keeps out what was revoked since" "200 401" "$(code "$token") $(code "$revoked")"
down TERM

staging=$home/elsewhere
install -d -m 700 -o "$account" -g "$account" "$staging" "$staging/tls"
for file in control.db installation signing.key tls/ca.crt tls/ca.key tls/server.crt tls/server.key; do
  give "$file" "$staging"
done
(server "$staging") >"$work/refused.log" 2>&1 || true
expect "without its ledger it does not start by itself" 1 "$(grep -c 'ledger is missing; put the intact file back' "$work/refused.log")"
up --accept-ledger-loss
expect "on a new host nobody has a token any more" "401 401" "$(code "$token") $(code "$revoked")"
umount -l "$work/store" "$work/disk"
echo "backups: all well"
