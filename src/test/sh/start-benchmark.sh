#!/usr/bin/env bash
# Start-up time, resident memory at idle and jar size, against a bare Dropwizard hello-world started the same way in
# the same run, rounds interleaved: a second start (staging directory present), with the built-in worker.
# Usage: start-benchmark.sh [ROUNDS] [JVM OPTION...]     after: mvn package
set -euo pipefail
# shellcheck source=src/test/sh/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=${1:-5}
[ "$#" -eq 0 ] || shift
options=("$@")
classes=$(dirname "$jar")/test-classes
cat >"$work/bare.yml" <<'YAML'
server:
  applicationConnectors: [{type: http, bindHost: 127.0.0.1, port: 3080}]
  adminConnectors: [{type: http, bindHost: 127.0.0.1, port: 3081}]
logging: {level: INFO}
YAML

now_ms() { date +%s%3N; }
# measure NAME URL COMMAND...: milliseconds to the first good answer, KiB resident 40 s later
measure() {
  local name=$1 url=$2 begin rss
  shift 2
  begin=$(now_ms)
  start "$name" "$@"
  until curl -ksf -o /dev/null "$url"; do sleep 0.02; done
  local millis=$(($(now_ms) - begin))
  sleep 40
  rss=$(awk '/^VmRSS/ {print $2}' "/proc/$started/status")
  kill "$started"
  wait "$started" || true
  echo "$millis $rss" >>"$work/$name.figures"
  echo "$name: $millis ms, $((rss / 1024)) MiB"
}
product() {
  measure product https://127.0.0.1:3443/api/health env LYFTDATA_STAGING_DIR="$work/staging" \
    java "${options[@]}" -cp "$jar" io.lyftdata.Main server --bind-address 127.0.0.1:3443 --admin-bind-address 127.0.0.1:3444
}
bare() {
  measure bare http://127.0.0.1:3080/hello java "${options[@]}" -cp "$jar:$classes" io.lyftdata.bench.BareServer server "$work/bare.yml"
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
column() { awk -v c="$2" '{print $c}' "$work/$1.figures" | median; }

product >/dev/null
rm "$work/product.figures"
for _ in $(seq "$rounds"); do
  bare
  product
done
awk -v pt="$(column product 1)" -v bt="$(column bare 1)" -v pm="$(column product 2)" -v bm="$(column bare 2)" -v size="$(stat -c %s "$jar")" 'BEGIN {
  printf "start: %d ms against %d ms bare: %.2f (goal <= 1.25)\n", pt, bt, pt / bt
  printf "resident: %d MiB against %d MiB bare: %.2f (goal <= 1.30)\n", pm / 1024, bm / 1024, pm / bm
  printf "jar: %.1f MB (goal <= 55)\n", size / 1e6
}'
