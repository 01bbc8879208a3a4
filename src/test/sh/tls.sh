#!/usr/bin/env bash
# TLS as an outsider's scanner sees it (HARDENING T2, T3): 1.2 and 1.3 only, forward secrecy and AEAD only, a P-256
# certificate of at most 90 days.
set -euo pipefail
# shellcheck source=src/test/sh/lib.sh
. "$(dirname "$0")/lib.sh"

start server env LYFTDATA_STAGING_DIR="$work/staging" java -jar "$jar" server \
  --bind-address 127.0.0.1:3443 --admin-bind-address 127.0.0.1:3444 --built-in-worker=false
until_true 60 "the server is ready" curl -sSf --cacert "$work/staging/tls/ca.crt" https://127.0.0.1:3443/api/health

sslscan --no-colour 127.0.0.1:3443 >"$work/sslscan.txt"
expect "no protocol below TLS 1.2" "" "$(grep -E '^(SSLv|TLSv1\.[01]).*enabled' "$work/sslscan.txt" || true)"
expect "TLS 1.2 and 1.3" 2 "$(grep -cE '^TLSv1\.[23] +enabled' "$work/sslscan.txt")"
expect "every suite has forward secrecy and AEAD" "" \
  "$(grep -E '^(Accepted|Preferred)' "$work/sslscan.txt" | grep -vE 'TLS_(AES|CHACHA20)|ECDHE-[A-Z]+-(AES(128|256)-GCM|CHACHA20)' || true)"
expect "the key is on P-256" 1 "$(grep -c 'ECC Curve Name: *prime256v1' "$work/sslscan.txt")"
expect "no SHA-1 signature on the certificate" 1 "$(grep -c 'Signature Algorithm: ecdsa-with-SHA256' "$work/sslscan.txt")"
openssl x509 -in "$work/staging/tls/server.crt" -noout -checkend $((91 * 86400)) >/dev/null && {
  echo "FAILED: the certificate lives longer than 90 days"
  exit 1
}
echo "ok: the certificate lives 90 days at most"
echo "tls: all well"
