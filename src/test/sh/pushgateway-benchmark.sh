#!/usr/bin/env bash
# Metrics pushes and the scrape of 5,000 workers with 50 series each: our server and prometheus-pushgateway (Debian) with
# TLS, in interleaved rounds of one run; about 4 minutes.   after: mvn test-compile
set -euo pipefail
cd "$(dirname "$0")/../../.."
command -v prometheus-pushgateway >/dev/null || { echo "needs Debian's prometheus-pushgateway"; exit 2; }
[ target/fleet.classpath -nt pom.xml ] \
  || mvn -q -B dependency:build-classpath -Dmdep.outputFile=target/fleet.classpath -Dmdep.includeScope=test
work=$(mktemp -d)
trap 'kill "${gateway:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
printf 'tls_server_config:\n  cert_file: %s\n  key_file: %s\n' "$work/cert.pem" "$work/key.pem" >"$work/web.yml"
prometheus-pushgateway --push.disable-consistency-check --web.config.file="$work/web.yml" --log.level=error \
  --persistence.file="$work/gateway.data" --web.listen-address=127.0.0.1:19091 &
gateway=$!
classes=${LYFTDATA_CLASSES:-target/classes:target/test-classes}
java -Xmx1g -cp "$classes:$(cat target/fleet.classpath)" io.lyftdata.simulator.TelemetryBenchmark \
  "$work" https://127.0.0.1:19091 "$gateway"
