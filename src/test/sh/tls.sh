#!/usr/bin/env bash
# TLS as three outsiders' scanners see it (HARDENING T2, T3; sslscan, nmap, testssl.sh): 1.2 and 1.3 only, forward secrecy
# and AEAD only, a P-256 certificate of at most 90 days.
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

nmap -Pn -p 3443 --script ssl-enum-ciphers -oN "$work/nmap.txt" 127.0.0.1 >/dev/null
expect "nmap's least grade of a suite" A "$(sed -n 's/^|_ *least strength: //p' "$work/nmap.txt")"
expect "nmap sees TLS 1.2 and 1.3" "TLSv1.2 TLSv1.3" "$(grep -o 'TLSv1\.[0-9]' "$work/nmap.txt" | sort | xargs)"

# testssl.sh asks the same, but may leave before it has heard the answer.
{ echo R; sleep 5; } | openssl s_client -connect 127.0.0.1:3443 -tls1_2 >"$work/renegotiation.txt" 2>&1 || true
expect "a client that renegotiates gets a fatal alert" 1 "$(grep -c 'alert handshake failure' "$work/renegotiation.txt")"

# Two findings are none: a private authority of 90-day certificates has no revocation list, and localhost no DNS record.
# testssl.sh also ends with a code for what it merely notes.
timeout 300 testssl --quiet --color 0 --warnings off --fast -p -s -f -S -h -U --add-ca "$work/staging/tls/ca.crt" \
  --jsonfile "$work/testssl.json" https://localhost:3443 >"$work/testssl.txt" 2>&1 || true
expect "testssl.sh came to its end" 1 "$(jq '[.[] | select(.id == "scanTime")] | length' "$work/testssl.json")"
expect "testssl.sh finds nothing" "DNS_CAArecord cert_revocation" "$(jq -r \
  '[.[] | select(.severity | test("LOW|MEDIUM|HIGH|CRITICAL")) | .id] | sort | join(" ")' "$work/testssl.json")"
expect "it trusts the chain" passed. "$(jq -r '.[] | select(.id == "cert_chain_of_trust") | .finding' "$work/testssl.json")"
echo "tls: all well"
