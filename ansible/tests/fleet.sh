# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh and converge.sh have tests, work and server_api
# A1, A7 and the fleet as others see it: enrollment, scrape, an outsider, reboot, a power cut, rotation, posture.

exposed_at_most() { on "$1" systemd-analyze security --no-pager --threshold="$3" "$2"; }
perms() { same "$(on "$1" stat -c '%U:%G %a' "$2")" "$3"; }

# answer FROM [CURL ARGUMENTS...]: the status
answer() { local host=$1; shift; from "$host" curl -s -m 8 -o "$work/body" -w '%{http_code}' --cacert "$work/ca.crt" "$@" || true; }
answers() { local wanted=$1; shift; same "$(answer "$@")" "$wanted" || { cat "$work/body"; return 1; }; }

scraped() {
  from @collector curl -sSf -m 5 'http://127.0.0.1:9099/api/v1/query' --data-urlencode "query=$1" | jq -e '.data.result | length > 0'
}
a_real_prometheus_scrapes() {
  cat >"$work/prometheus.yml" <<YAML
scrape_configs:
  - job_name: fleet
    scheme: https
    scrape_interval: 2s
    metrics_path: /api/workers/metrics
    authorization: {type: WHITELIST, credentials: prometheus}
    tls_config: {ca_file: $work/ca.crt}
    static_configs: [{targets: ['10.77.1.10:3000', '[fd77:0:0:1::10]:3000']}]
YAML
  # Not by the function: its process would be a shell, and end without it.
  "$tests/hosts.sh" from @collector prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
    --web.listen-address=127.0.0.1:9099 >"$work/prometheus.log" 2>&1 &
  echo "$!" >"$work/prometheus.pid" # a check runs in a subshell: a variable would be lost
  within 60 scraped 'count(up == 1) == 2' && within 30 scraped 'count(lyftdata_worker_up{instance="10.77.1.10:3000"} == 1) == 2'
}

# Behind the firewall the product refuses too: let the outsider through for a moment, and he gets nothing.
the_product_refuses_the_outsider() {
  on server ufw allow from 10.77.9.9 to any port 3000 proto tcp >/dev/null
  local said=0
  answers 403 @outsider -H 'Authorization: WHITELIST' "$server_api/api/workers/metrics" &&
    answers 401 @outsider "$server_api/api/workers/metrics" &&
    answers 401 @outsider -X POST -H "Authorization: Enrollment $(openssl rand -hex 32)" -H 'Content-Type: application/json' -d '{}' "$server_api/api/enroll" || said=$?
  on server ufw delete allow from 10.77.9.9 to any port 3000 proto tcp >/dev/null
  return "$said"
}

stage_fleet() {
  check A2 "both workers have joined" within 60 online worker1 worker2
  check A1 "the server's unit is exposed by 1.2 at most" exposed_at_most server lyftdata-server.service 12
  check A6 "the worker's unit says that the server hears it" heard worker1 worker1
  check A1 "the worker's unit is exposed by 1.5 at most" exposed_at_most worker1 lyftdata-worker@worker1.service 15
  check A7 "the server's data is its account's alone" perms server /var/lib/lyftdata-server 'lyftdata-server:lyftdata-server 700'
  check A7 "the server's secrets are root's alone" perms server /etc/lyftdata/credentials/auto-enrollment-key 'root:root 600'
  check A7 "the worker's data is its account's alone" perms worker1 /var/lib/lyftdata-worker/worker1 'lyftdata-worker:lyftdata-worker 700'
  check A7 "the accounts have no shell" same "$(on server getent passwd lyftdata-server | cut -d : -f 6,7)" /nonexistent:/usr/sbin/nologin
  check A8 "a real Prometheus on the collector scrapes, in both families" a_real_prometheus_scrapes
  check A8 "the collector reads metrics only" answers 403 @collector -H 'Authorization: WHITELIST' "$server_api/api/workers/logs"
  check A8 "an outsider does not get through the firewall" answers 000 @outsider "$server_api/api/health"
  check A8 "nor through the product, were the firewall open" the_product_refuses_the_outsider
}

no_failed_unit() { same "$(on "$1" systemctl --failed --no-legend --plain | awk '{ print $1 }' | paste -sd ' ')" ''; }

# Heard from since the time in $work/since, not merely online still.
heard_again() {
  local name
  for name in "$@"; do api "/api/workers/$name" | jq -e --rawfile since "$work/since" '.state == "online" and .lastSeenAt > $since' >/dev/null || return 1; done
}
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ | tr -d '\n' >"$work/since"; }

reboot_all() {
  local name
  for name in server worker1 worker2; do hosts stop $name; done
  for name in server worker1 worker2; do hosts start $name; done
}
stage_reboot() {
  reboot_all
  now
  check A6 "after a reboot the API is ready" within 90 ready
  check A6 "after a reboot the workers are back" within 90 heard_again worker1 worker2
  check A8 "after a reboot the outsider sees nothing" sees_only @outsider 10.77.1.10 ''
  check A2 "after a reboot no unit has failed" no_failed_unit server
}

audit_is_whole() { api /api/audit/verification | jq -e 'has("broken") | not'; }
stage_power_cut() {
  hosts kill server
  hosts kill worker1
  hosts start server
  hosts start worker1
  now
  check A6 "after a power cut the API is ready" within 90 ready
  check A6 "after a power cut the workers are back" within 90 heard_again worker1 worker2
  check A6 "after a power cut the audit log is whole" audit_is_whole
  check A2 "after a power cut no unit has failed" no_failed_unit server
}

certificate() { api /api/certificate | jq -r .fingerprint; }
rotated() {
  local before
  before=$(certificate)
  play rotate.yml -e '{"lyftdata_rotate": ["worker-keys", "enrollment-secret", "certificate"], "lyftdata_rotate_secret_file": "'"$work"'/new.secret"}' || return 1
  grep -q '2 of 2 workers use a new key' "$work/play.log" || { grep -A2 'how far' "$work/play.log"; return 1; }
  same "$(stat -c %a "$work/new.secret")" 600 && [ "$(certificate)" != "$before" ] && refuse grep -qFf "$work/new.secret" "$work/plays.log"
}
stage_rotate() {
  now
  check A6 "rotate.yml renews keys, secret and certificate" rotated
  check A6 "and the workers go on" within 60 heard_again worker1 worker2
  check A5 "a rotation of something else is refused" play_refused 'lyftdata_rotate takes' rotate.yml -e '{"lyftdata_rotate": ["ca"]}'
}

posture_says() { # posture_says SENTENCE COMMAND...: after the command on worker1 a finding, which mending takes away
  play_refused "$1" posture.yml --limit worker1 -e '{"lyftdata_posture_bears": ["time-sync"]}'
}
# Its remedies: another password, a proven backup; and with a reason what a host here cannot have.
remedied() {
  local until
  until=$(date -d '+30 days' +%F)
  openssl rand -hex 16 | tr -d '\n' >"$work/password"
  { cat "$work/password"; echo; } >>"$work/canaries"
  api /api/users/admin/password -X PUT --data-binary @- < <(jq -n --rawfile password "$work/password" '{$password}') && log_in &&
    prove_a_backup && play site.yml --limit server -e "$(jq -n --arg until "$until" '{lyftdata_server_settings: {posture: {waivers: [
      {check: "bind-address", reason: "UFW admits named networks only", $until}, {check: "disk-encryption", reason: "a test on an overlay", $until},
      {check: "tls-source", reason: "its clients have its authority", $until}]}}}')"
}
stage_posture() {
  check A1 "posture.yml on the server tells what the product finds" play_refused 'backup-proven: newest proof' posture.yml --limit server
  check A1 "what it names as remedy can be done" remedied
  check A1 "posture.yml then finds nothing on the server" play posture.yml --limit server -e '{"lyftdata_posture_bears": ["time-sync"]}'
  on server chmod 755 /etc/lyftdata/credentials
  check A1 "posture.yml finds open secrets" play_refused 'modes: /etc/lyftdata/credentials: group or world can reach it' posture.yml --limit server
  on server chmod 700 /etc/lyftdata/credentials
  check A1 "posture.yml finds nothing on the workers" play posture.yml --limit lyftdata_worker -e '{"lyftdata_posture_bears": ["time-sync"]}'
  on worker1 ufw disable >/dev/null
  check A1 "posture.yml finds a firewall that is off" posture_says 'firewall: ufw: it is off'
  on worker1 ufw --force enable >/dev/null
  on worker1 ufw allow 22/tcp >/dev/null
  check A1 "posture.yml finds what is open to everyone" posture_says 'open to everyone'
  on worker1 ufw delete allow 22/tcp >/dev/null
  on worker1 chmod 755 /var/lib/lyftdata-worker/worker1
  check A1 "posture.yml finds open data" posture_says 'modes: /var/lib/lyftdata-worker/worker1: group or world can reach it'
  on worker1 chmod 700 /var/lib/lyftdata-worker/worker1
  on worker1 usermod --shell /bin/bash lyftdata-worker
  check A1 "posture.yml finds an account with a shell" posture_says 'it has the shell /bin/bash'
  on worker1 usermod --shell /usr/sbin/nologin lyftdata-worker
}
