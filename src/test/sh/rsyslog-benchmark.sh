#!/usr/bin/env bash
# Durable lines of logs a second: rsyslog (Debian: rsyslog-relp) by RELP over TLS with sync="on" from four senders, then
# our server (fleet.sh logs), then rsyslog again, in one run of about two minutes.   after: mvn test-compile
set -euo pipefail
cd "$(dirname "$0")/../../.."
dpkg -s rsyslog-relp >/dev/null 2>&1 || { echo "needs Debian's rsyslog-relp"; exit 2; }
seconds=20
work=$(mktemp -d -p "$PWD/target")
trap 'for file in "$work"/*.pid; do [ ! -f "$file" ] || kill "$(cat "$file")" 2>/dev/null || true; done; sleep 1; rm -rf "$work"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
tls="tls=\"on\" tls.mycert=\"$work/cert.pem\" tls.myprivkey=\"$work/key.pem\" tls.cacert=\"$work/cert.pem\" tls.authmode=\"certvalid\""
queue='main_queue(queue.type="LinkedList" queue.size="100000" queue.dequeueBatchSize="10000")'

# Three million lines, of which nobody gets to the end in time.
awk 'BEGIN { srand(5); for (i = 0; i < 3000000; i++) printf "request %d from 10.0.%d.%d GET /api/v1/orders/%d answered 200 in %d ms by backend-%d\n",
  rand() * 1073741824, rand() * 256, rand() * 256, rand() * 100000, rand() * 900, rand() * 8 }' >"$work/lines"

# rsyslog NAME: in the background, by $work/NAME.conf
rsyslog() {
  mkdir -p "$work/$1"
  rsyslogd -n -f "$work/$1.conf" -i "$work/$1.pid" 2>>"$work/errors" &
  until [ -s "$work/$1.pid" ]; do sleep 0.1; done
}
ticks() { awk '{ print $14 + $15 }' "/proc/$(cat "$work/receiver.pid")/stat"; }

measure() {
  rm -rf "${work:?}/out" "$work/receiver" "$work"/sender?
  touch "$work/out"
  cat >"$work/receiver.conf" <<EOF
global(workDirectory="$work/receiver")
module(load="imrelp" tls.tlslib="openssl")
$queue
input(type="imrelp" address="127.0.0.1" port="20514" $tls)
template(name="raw" type="string" string="%msg%\n")
action(type="omfile" file="$work/out" template="raw" sync="on")
EOF
  rsyslog receiver
  for sender in 1 2 3 4; do
    cat >"$work/sender$sender.conf" <<EOF
global(workDirectory="$work/sender$sender")
module(load="imfile")
module(load="omrelp" tls.tlslib="openssl")
$queue
input(type="imfile" file="$work/lines" tag="b:")
action(type="omrelp" target="127.0.0.1" port="20514" windowSize="2000" $tls tls.permittedpeer="localhost")
EOF
    rsyslog "sender$sender"
  done
  until [ -s "$work/out" ]; do sleep 0.1; done
  local lines used
  lines=$(wc -l <"$work/out")
  used=$(ticks)
  sleep "$seconds"
  lines=$(($(wc -l <"$work/out") - lines))
  used=$(($(ticks) - used))
  awk -v lines="$lines" -v used="$used" -v seconds="$seconds" -v hertz="$(getconf CLK_TCK)" \
    'BEGIN { printf "rsyslog: %d durable lines/s, %.1f us of its CPU a line\n", lines / seconds, used / hertz / lines * 1e6 }'
  for file in "$work"/sender?.pid "$work/receiver.pid"; do
    kill "$(cat "$file")"
    while [ -f "$file" ]; do sleep 0.1; done
  done
}

measure
src/test/sh/fleet.sh logs --workers 1000 --seconds 30
measure
