# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh has work, tests, ansible
# A2, A4, A5: lint, the first run, the second, check mode; no secret anywhere it does not belong.

server_api=https://10.77.1.10:3000

stage_lint() {
  check A5 "ansible-lint finds nothing (production profile)" env -C "$ansible" ansible-lint --offline -q --nocolor \
    --profile production --enable-list no-log-password
  check A5 "yamllint finds nothing" env -C "$ansible" yamllint --strict .
  check A5 "every role says which arguments it takes" each_role_has_a_specification
}
each_role_has_a_specification() {
  local role
  for role in "$ansible"/roles/*; do [ -s "$role/meta/argument_specs.yml" ] || { echo "$role has none"; return 1; }; done
}

# One secret for each kind; they are looked for everywhere afterwards.
write_inventory() {
  local enrollment password
  age-keygen -o "$work/backup.identity" 2>/dev/null
  enrollment=$(openssl rand -hex 32) password=$(openssl rand -hex 16)
  (umask 077; printf '%s\n' "$enrollment" "$password" >"$work/canaries"; printf '%s' "$password" >"$work/password")
  mkdir -p "$work/inventory"
  cat >"$work/inventory/hosts.yml" <<YAML
lyftdata_server:
  hosts:
    server: {ansible_host: 10.77.1.10}
  vars:
    lyftdata_server_bind_address: "[::]:3000"
    lyftdata_server_tls_san: [server, 10.77.1.10, "fd77:0:0:1::10"]
    lyftdata_server_whitelist: [10.77.3.30=metrics, "fd77:0:0:3::30"]
    lyftdata_server_auto_enrollment_key: $enrollment
    lyftdata_server_admin_init_password: $password
    lyftdata_server_java_opts: -Xmx256m
    lyftdata_backup_recipients: [$(age-keygen -y "$work/backup.identity")]
    lyftdata_firewall_api_ports: [3000]
lyftdata_worker:
  hosts:
    worker1: {ansible_host: 10.77.2.21}
    worker2: {ansible_host: 10.77.2.22}
  vars:
    lyftdata_worker_url: $server_api
    lyftdata_worker_server: server
    lyftdata_worker_auto_enrollment_key: $enrollment
    lyftdata_worker_instances: [{name: "{{ inventory_hostname }}", metrics_interval: 5s, log_files: [/srv/app.log]}]
all:
  vars:
    ansible_user: deploy
    ansible_become: true
    ansible_python_interpreter: /usr/bin/python3
    ansible_ssh_private_key_file: $HOSTS_DIR/ssh/id_ed25519
    ansible_ssh_common_args: -F /dev/null -o UserKnownHostsFile=$HOSTS_DIR/ssh/known_hosts -o StrictHostKeyChecking=yes
    lyftdata_firewall_management_networks: [10.77.1.0/24, "fd77:0:0:1::/64"]
    lyftdata_firewall_worker_networks: [10.77.2.0/24, "fd77:0:0:2::/64"]
    lyftdata_firewall_collector_networks: [10.77.3.30, "fd77:0:0:3::30"]
YAML
  chmod 600 "$work/inventory/hosts.yml"
}

# Until the file $work/watching goes: whoever has a secret on his argument list, of all processes of all hosts.
watch_arguments() {
  while [ -e "$work/watching" ]; do
    grep -slFf "$work/canaries" /proc/[0-9]*/cmdline >>"$work/seen" || true
    sleep 1
  done
}
nowhere_but_in() { # nowhere_but_in FILE...: the secrets, on the disks of the hosts
  same "$(grep -rlFf "$work/canaries" "$HOSTS_DIR"/hosts/*/upper 2>/dev/null | sed "s,^$HOSTS_DIR/hosts/\([^/]*\)/upper,\1:," | sort | paste -sd ' ')" "$*"
}

converged_within() { # converged_within SECONDS COMMAND...
  local limit=$1 begun=$SECONDS
  shift
  "$@" || return 1
  [ $((SECONDS - begun)) -le "$limit" ] || { echo "took $((SECONDS - begun)) s"; return 1; }
}
second_run() { play site.yml && unchanged; }

log_in() {
  from @admin curl -sS -m 20 --fail-with-body --cacert "$work/ca.crt" -H 'Content-Type: application/json' --data-binary @- "$server_api/api/login" \
    < <(jq -n --rawfile password "$work/password" '{username: "admin", password: $password}') |
    jq -r '"Authorization: Bearer " + .token' >"$work/session"
}
api() { # api PATH [CURL ARGUMENTS...], as administrator
  local path=$1
  shift
  from @admin curl -sS -m 20 --fail-with-body --cacert "$work/ca.crt" -H "@$work/session" -H 'Content-Type: application/json' "$@" "$server_api$path"
}
online() { local name; for name in "$@"; do api "/api/workers/$name" | jq -e '.state == "online"' >/dev/null || return 1; done; }
ready() { from @admin curl -sSf -m 5 --cacert "$work/ca.crt" "$server_api/api/health"; }

stage_converge() {
  [ -e "$work/inventory/hosts.yml" ] || write_inventory
  : >"$work/seen"
  touch "$work/watching"
  watch_arguments &
  local watcher=$!
  [ "$1" = fast ] || check A2 "check mode says what it would do to fresh hosts" play site.yml --check --diff
  check A2 "three fresh hosts are converged within 6 minutes" converged_within 360 play site.yml --diff
  check A2 "the second run changes nothing, within 180 s" converged_within 180 second_run
  [ "$1" = fast ] || check A2 "check mode changes nothing on done hosts" check_mode_on_done
  rm -f "$work/watching"
  wait "$watcher" || true
  on server cat /var/lib/lyftdata-server/tls/ca.crt >"$work/ca.crt"
  check A2 "the administrator logs in with the first password" log_in
  check A4 "no argument list held a secret" same "$(sort -u "$work/seen")" ""
  check A4 "no secret lies on a worker, and on the server only where systemd reads it" nowhere_but_in \
    server:/etc/lyftdata/credentials/admin-init-password server:/etc/lyftdata/credentials/auto-enrollment-key
  check A4 "no secret is in what the plays say" refuse grep -cFf "$work/canaries" "$work/plays.log"
}
check_mode_on_done() { play site.yml --check --diff && unchanged; }

# What each role is to refuse, before anything is changed: refused SENTENCE HOST JSON
refused() { play_refused "$1" site.yml --limit "$2" --tags preflight -e "$3"; }
other_distribution() { # other_distribution SED: os-release as another one has it, for the time of a play
  local said=0
  on worker1 cp /usr/lib/os-release /root/os-release
  on worker1 sed -i "$1" /usr/lib/os-release
  refused 'these roles are for Debian 12 with systemd' worker1 '{}' || said=$?
  on worker1 cp /root/os-release /usr/lib/os-release
  return "$said"
}
stage_refusals() {
  local name sentence host json
  while IFS='|' read -r name sentence host json; do
    check A5 "$name is refused" refused "$sentence" "$host" "$json"
  done <<'REFUSALS'
a variable of no role|no role has a variable lyftdata_sever_log_level|server|{"lyftdata_sever_log_level": "debug"}
a misspelt variable of lyftdata_base|no role has a variable lyftdata_base_verison|worker1|{"lyftdata_base_verison": "0.1.0"}
a misspelt variable of lyftdata_server|no role has a variable lyftdata_server_whitelst|server|{"lyftdata_server_whitelst": ["10.77.3.30"]}
a misspelt variable of lyftdata_worker|no role has a variable lyftdata_worker_instance|worker1|{"lyftdata_worker_instance": []}
a misspelt variable of lyftdata_backup|no role has a variable lyftdata_backup_recipient|server|{"lyftdata_backup_recipient": ["age1x"]}
a misspelt device to encrypt|no role has a variable lyftdata_volume_devise|server|{"lyftdata_volume_devise": "/dev/vdb"}
a volume without its device|lyftdata_volume_device is missing|server|{"lyftdata_volume_name": "data"}
a mistyped variable of lyftdata_base|lyftdata_base_class_data|worker1|{"lyftdata_base_class_data": "perhaps"}
a mistyped variable of lyftdata_server|lyftdata_server_log_retention_days|server|{"lyftdata_server_log_retention_days": "a month"}
a mistyped variable of lyftdata_worker|lyftdata_worker_join_timeout|worker1|{"lyftdata_worker_join_timeout": "soon"}
a mistyped variable of lyftdata_backup|lyftdata_backup_keep_daily|server|{"lyftdata_backup_keep_daily": "all"}
a private key as recipient of backups|are public keys|server|{"lyftdata_backup_recipients": ["AGE-SECRET-KEY-1X"]}
a device that is none|must name a block device|server|{"lyftdata_volume_device": "/dev/null"}
a short enrollment secret|needs 32 characters|server|{"lyftdata_server_auto_enrollment_key": "changeme"}
a long enrollment secret of one character|needs 32 characters|server|{"lyftdata_server_auto_enrollment_key": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
a worker's weak enrollment secret|needs 32 characters|worker1|{"lyftdata_worker_auto_enrollment_key": "changeme"}
a weak first password|a secret is too weak|server|{"lyftdata_server_admin_init_password": "admin"}
a URL of the server with a path|is a URL without path|worker1|{"lyftdata_worker_url": "https://10.77.1.10:3000/api"}
a version that is none|write it as in 0.1.0|worker1|{"lyftdata_base_version": "latest"}
a release that is nowhere|is not installed on worker1|worker1|{"lyftdata_base_version": "7.7.7"}
an archive with another checksum than the given one|should be 0000|server|{"lyftdata_base_sha256": "0000000000000000000000000000000000000000000000000000000000000000"}
REFUSALS
  check A5 "Ubuntu is refused" other_distribution 's,Debian GNU/Linux,Ubuntu,; s/debian/ubuntu/; s/^VERSION_ID=.*/VERSION_ID="12.04"/'
  check A5 "Debian 11 is refused" other_distribution 's/^VERSION_ID=.*/VERSION_ID="11"/; s/^VERSION=.*/VERSION="11 (bullseye)"/; s/^VERSION_CODENAME=.*/VERSION_CODENAME=bullseye/'
}
