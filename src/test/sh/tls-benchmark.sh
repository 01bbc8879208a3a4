#!/usr/bin/env bash
# TLS 1.3 with one certificate (P-256) of this server, with the JDK's TLS and with Conscrypt; of a bare Dropwizard resource;
# and of Debian's nginx, the ceiling. Full and resumed handshakes, small authenticated requests on kept connections, and what
# a swap of the certificate costs. Rounds interleaved; quote the ratios: the clients share the machine with the servers.
# usage: tls-benchmark.sh [ROUNDS] [SECONDS] [WARM-UP SECONDS]; needs mvn test-compile, nginx, wrk, jq, openssl and python3
set -euo pipefail
# shellcheck source=src/test/sh/lib.sh
. "$(dirname "$0")/lib.sh"
rounds=${1:-5} seconds=${2:-5} warm=${3:-40}
classes=$(dirname "$jar")/test-classes
conscrypt=$(find ~/.m2/repository/org/conscrypt -name 'conscrypt-openjdk-uber-*.jar' | sort | tail -n 1)
declare -A port pid path header

# ours NAME PORT: with the built-in worker off and all else as it comes
ours() {
  local staging=$work/$1
  printf 'bind-address: 127.0.0.1:%s\nadmin-bind-address: 127.0.0.1:%s\nstaging-dir: %s\nbuilt-in-worker: false\n' \
    "$2" "$(($2 + 1))" "$staging" >"$work/$1.yml"
  [ "$1" != conscrypt ] || echo "tls-conscrypt: $conscrypt" >>"$work/$1.yml"
  mkdir -m 700 "$staging" "$staging/tls"
  [ ! -d "$work/jdk/tls" ] || [ "$1" = jdk ] || cp -p "$work"/jdk/tls/{ca,server}.{crt,key} "$staging/tls/"
  start "$1" env LYFTDATA_ADMIN_INIT_PASSWORD="correct horse battery staple 7" java -jar "$jar" server "$work/$1.yml"
  pid[$1]=$started port[$1]=$2 path[$1]=/api/incidents/lockdown
  until_true 90 "$1 is ready" curl -sSf --cacert "$staging/tls/ca.crt" "https://127.0.0.1:$2/api/health"
  local session
  session=$(curl -sSf --cacert "$staging/tls/ca.crt" --json '{"username":"admin","password":"correct horse battery staple 7"}' \
    "https://127.0.0.1:$2/api/login" | jq -r .token)
  header[$1]="Authorization: Bearer $(curl -sSf --cacert "$staging/tls/ca.crt" -H "Authorization: Bearer $session" \
    --json '{"name":"benchmark","role":"admin","expiresInSeconds":86400,"sources":[]}' "https://127.0.0.1:$2/api/tokens" | jq -r .token)"
}
ours jdk 3663
ours conscrypt 3665
material=$work/jdk/tls

openssl pkcs12 -export -in "$material/server.crt" -inkey "$material/server.key" -passout pass:benchmark -out "$work/bare.p12"
cat >"$work/bare.yml" <<YAML
server:
  applicationConnectors:
    - {type: https, bindHost: 127.0.0.1, port: 3667, keyStorePath: $work/bare.p12, keyStorePassword: benchmark, keyStoreType: PKCS12}
  adminConnectors: [{type: http, bindHost: 127.0.0.1, port: 3668}]
YAML
start bare java -cp "$jar:$classes" io.lyftdata.bench.BareServer server "$work/bare.yml"
pid[bare]=$started port[bare]=3667 path[bare]=/hello header[bare]="X-Nothing: 1"
until_true 90 "bare is ready" curl -sSf --cacert "$material/ca.crt" https://127.0.0.1:3667/hello

mkdir -p "$work/www/api/incidents"
printf '{"on":false}' | tee "$work/www/api/health" >"$work/www/api/incidents/lockdown"
cat >"$work/nginx.conf" <<CONF
daemon off; pid $work/nginx.pid; error_log $work/nginx-error.log; master_process off;
events {} http {
  access_log off; root $work/www; keepalive_requests 1000000000;
  client_body_temp_path $work/nb; proxy_temp_path $work/np; fastcgi_temp_path $work/nf;
  uwsgi_temp_path $work/nu; scgi_temp_path $work/ns;
  server {
    listen 127.0.0.1:3661 ssl; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:s:10m; ssl_session_tickets on;
    ssl_certificate $material/server.crt; ssl_certificate_key $material/server.key;
  }
}
CONF
start nginx nginx -c "$work/nginx.conf"
pid[nginx]=$started port[nginx]=3661 path[nginx]=/api/incidents/lockdown header[nginx]="X-Nothing: 1"
until_true 30 "nginx is ready" curl -sSf --cacert "$material/ca.crt" https://127.0.0.1:3661/api/health

# paced.py PORT SECONDS HEADER: 400 requests a second on four kept connections; the 99th percentile, in milliseconds
cat >"$work/paced.py" <<'PY'
import socket, ssl, sys, threading, time
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.minimum_version = ssl.TLSVersion.TLSv1_3
def connect(port):
    plain = socket.create_connection(("127.0.0.1", port))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(plain)
def ask(connection, header):
    connection.sendall(("GET /api/incidents/lockdown HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n" % header).encode())
    return connection.recv(65536)
def paced(port, seconds, header):
    took = []
    def client():
        connection, due = connect(port), time.monotonic()
        end = due + seconds
        while due < end:
            time.sleep(max(0, due - time.monotonic()))
            begin = time.monotonic()
            if not ask(connection, header).startswith(b"HTTP/1.1 200"):
                sys.exit("a request failed")
            took.append(time.monotonic() - begin)
            due = max(due + 0.01, time.monotonic())
    threads = [threading.Thread(target=client) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    print("%.1f" % (sorted(took)[int(len(took) * 0.99)] * 1000))
paced(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3])
PY

# ticks NAME: processor time in hundredths of a second
ticks() { awk '{print $14 + $15}' "/proc/${pid[$1]}/stat"; }
# measured NAME WHAT COUNT TICKS-BEFORE: adds a rate and the processor microseconds of one to the figures
measured() {
  local per=0
  [ "$3" -eq 0 ] || per=$((10000 * ($(ticks "$1") - $4) / $3))
  echo "$(($3 / seconds)) $per" >>"$work/$1.$2.figures"
}
# connections NAME new|reuse SECONDS: how many, each with one request; without one a client does not get its ticket
connections() {
  openssl s_time -connect "127.0.0.1:${port[$1]}" -"$2" -tls1_3 -www /api/health -time "$3" 2>/dev/null | awk '/real seconds/ {print $1}'
}
handshakes() {
  local before
  before=$(ticks "$1")
  measured "$1" "$2" "$(connections "$1" "$2" "$seconds")" "$before"
}
requests() {
  local before
  before=$(ticks "$1")
  measured "$1" requests "$(wrk -t1 -c32 -d"${seconds}s" -H "${header[$1]}" "https://127.0.0.1:${port[$1]}${path[$1]}" |
    awk '/requests in/ {print $1}')" "$before"
}
rotate() {
  curl -sSf -o /dev/null -w '%{time_total}\n' -X POST -H "Authorization: Bearer $(cat "$work/jdk/admin.token")" \
    http://127.0.0.1:3664/tasks/rotate-certificate
}
# work: what fifty swaps cost while nobody calls, in milliseconds each: of processor time, and as their caller sees it
work() {
  local before
  before=$(ticks jdk)
  for _ in $(seq 50); do rotate; done >>"$work/quiet-swaps.figures"
  echo "$((($(ticks jdk) - before) * 10 / 50))" >>"$work/work.figures"
}
# swaps: the p99 of requests without them, and with four a second; each swap's time as its caller sees it
swaps() {
  local quiet busy swapping
  quiet=$(python3 "$work/paced.py" 3663 "$seconds" "${header[jdk]}")
  (for _ in $(seq $((4 * seconds))); do rotate; sleep 0.25; done >>"$work/swaps.figures") &
  swapping=$!
  busy=$(python3 "$work/paced.py" 3663 "$seconds" "${header[jdk]}")
  wait "$swapping"
  echo "$quiet $busy" >>"$work/p99.figures"
}

echo "warming up"
for name in jdk conscrypt bare; do
  wrk -t1 -c32 -d"${warm}s" -H "${header[$name]}" "https://127.0.0.1:${port[$name]}${path[$name]}" >/dev/null
  connections "$name" new "$warm" >/dev/null
  connections "$name" reuse "$((warm / 2))" >/dev/null
done
for _ in $(seq "$rounds"); do
  for name in jdk nginx conscrypt; do handshakes "$name" new; done
  for name in jdk nginx conscrypt; do handshakes "$name" reuse; done
  for name in jdk bare nginx conscrypt; do requests "$name"; done
done
for _ in $(seq 3); do work; done
for _ in $(seq 3); do swaps; done

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
# ratio NAME WHAT NAME WHAT COLUMN: the median of the ratios, round by round
ratio() { paste -d ' ' "$work/$1.$2.figures" "$work/$3.$4.figures" | awk -v c="$5" '{printf "%.2f\n", $c / $(c + 2)}' | median; }
for figures in "$work"/*.*.figures; do
  echo "$(basename "$figures" .figures): $(cut -d ' ' -f 1 "$figures" | median)/s, $(cut -d ' ' -f 2 "$figures" | median) us"
done
echo "full handshakes: $(ratio jdk new nginx new 1) of nginx (goal 0.40); with Conscrypt $(ratio conscrypt new nginx new 1) (goal 0.80)"
echo "resumed to full: $(ratio jdk reuse jdk new 1) in rate (goal 3), full to resumed $(ratio jdk new jdk reuse 2) in processor time;" \
  "nginx $(ratio nginx reuse nginx new 1), with Conscrypt $(ratio conscrypt reuse conscrypt new 1)"
echo "requests: $(ratio jdk requests bare requests 1) of bare Dropwizard (goal 0.9), $(ratio bare requests jdk requests 2) in processor" \
  "time; bare is $(ratio bare requests nginx requests 1) of nginx; with Conscrypt $(ratio conscrypt requests bare requests 1)"
echo "a swap while nobody calls: $(median <"$work/work.figures") ms of processor time (goal 50)," \
  "$(awk '{print 1000 * $1}' "$work/quiet-swaps.figures" | median) ms for its caller; under 400 requests a second" \
  "$(awk '{print 1000 * $1}' "$work/swaps.figures" | median) ms for its caller; p99 without and with four a second, in ms:" \
  "$(tr '\n' ';' <"$work/p99.figures")"
