#!/usr/bin/env bash
# The release archive as a host gets it: its checksum, what is in it, the launcher, the class-data-sharing archive, the
# task script, and that the server tells systemd when it is ready. After: mvn package. Needs curl and python3.
set -euo pipefail
# shellcheck source=src/test/sh/lib.sh
. "$(dirname "$0")/lib.sh"

fail() {
  echo "FAILED: $1"
  return 1
}

archive=$(find "$(dirname "$jar")" -maxdepth 1 -name 'lyftdata-*.tar.gz')
(cd "$(dirname "$archive")" && sha256sum --quiet -c "$(basename "$archive").sha256")
echo "ok: the checksum beside the archive is its own"

(umask 000 && tar xzf "$archive" -C "$work")
home=$(find "$work" -mindepth 1 -maxdepth 1 -type d -name 'lyftdata-*')
cmp "$jar" "$home/lib/lyftdata.jar"
for part in bin/lyftdata bin/lyftdata-task lib/lyftdata-cds systemd/lyftdata-server.service systemd/lyftdata-worker@.service \
  completion/lyftdata config.yml LICENSE docs/operations.md; do
  [ -s "$home/$part" ] || fail "the archive lacks $part"
done
if tar tvzf "$archive" | grep -v ' root/root '; then fail "what root unpacks would belong to somebody else"; fi
{ find "$home"; jar tf "$jar"; } >"$work/parts"
strays=$(grep -E '(^|/)\.(git|svn|hg)' "$work/parts" || true)
[ -z "$strays" ] || fail "source control went along: $strays"
open=$(find "$home" -perm /022 ! -type l)
[ -z "$open" ] || fail "with a umask of 000, others could write $open"
bash -n "$home/completion/lyftdata"
# shellcheck disable=SC1091
(. "$home/completion/lyftdata" && complete -p lyftdata >/dev/null)
echo "ok: the archive is whole, and completes commands"

deb=$(find "$(dirname "$jar")" -maxdepth 1 -name 'lyftdata_*.deb')
(cd "$(dirname "$deb")" && sha256sum --quiet -c "$(basename "$deb").sha256")
dpkg-deb --extract "$deb" "$work/deb"
diff -r "$home" "$work/deb/opt/lyftdata/current"
cmp "$home/systemd/lyftdata-server.service" "$work/deb/lib/systemd/system/lyftdata-server.service"
[ "$(dpkg-deb --field "$deb" Version)" = "${home##*/lyftdata-}" ]
echo "ok: the Debian package holds the same"

ln -s "$home/bin/lyftdata" "$work/link"
version=$("$work/link" --version)
if LYFTDATA_JAVA=/nowhere/java "$work/link" --version 2>"$work/err"; then fail "no Java, and no error"; fi
grep -q 'install a Java runtime' "$work/err"
"$home/lib/lyftdata-cds"
[ "$(stat -c %a "$home/lib/lyftdata.jsa")" = 644 ]
LYFTDATA_JAVA_OPTS='-Xlog:class+load' "$work/link" --version >"$work/classes"
grep -q 'io.lyftdata.Main source: shared objects file (top)' "$work/classes"
touch -d 2026-01-01 "$home/lib/lyftdata.jar"
[ "$("$work/link" --version 2>&1)" = "$version" ] || fail "a stale archive is not passed over in silence"
echo "ok: classes come from the archive, and another jar does without"

python3 - "$work/notify" >"$work/notified" <<'PYTHON' &
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
receiver.settimeout(120)
for _ in range(2):
    print(receiver.recv(4096).decode(), flush=True)
PYTHON
listener=$!
until [ -S "$work/notify" ]; do sleep 0.1; done
start server env NOTIFY_SOCKET="$work/notify" LYFTDATA_STAGING_DIR="$work/staging" "$work/link" server \
  --bind-address 127.0.0.1:3447 --admin-bind-address 127.0.0.1:3448
until grep -q READY=1 "$work/notified"; do
  kill -0 "$started" || fail "the server has ended"
  sleep 0.1
done
curl -ksf https://127.0.0.1:3447/api/health >/dev/null || fail "it said READY=1 before it was"
task() { LYFTDATA_STAGING_DIR=$work/staging LYFTDATA_ADMIN_BIND_ADDRESS=127.0.0.1:3448 "$home/bin/lyftdata-task" "$@"; }
task reload-configuration </dev/null | grep -q '"revision"'
if task isolate-worker <<<'{"worker": "nobody \"here\"", "reason": "test"}' >"$work/answer" 2>"$work/err"; then
  fail "a task that was refused ended with 0"
fi
grep -q '"code"' "$work/answer"
kill "$started"
wait "$started" || [ "$?" -eq 143 ]
wait "$listener"
grep -q STOPPING=1 "$work/notified"
echo "ok: READY=1 once it is ready, STOPPING=1 before the end; tasks answer, and their refusals are failures"
