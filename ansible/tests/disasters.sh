# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh and converge.sh have work, tests, ansible and server_api
# A4, A6, A7 and the bad days: secrets in every output, an upgrade under load, a stolen worker, a lost server.

luks() { "$tests/uml.sh" /bin/bash "$tests/luks.sh"; }
stage_luks() { check A2 "lyftdata_volume encrypts, and a second run changes nothing (user-mode Linux)" luks; }

# --- A4: another secret goes through every task at the highest verbosity, and through a failure

secret_file() { # secret_file JQ-FILTER: variables with a new secret, as $secret in the filter, that is looked for from then on
  (umask 077; openssl rand -hex 8 >>"$work/canaries"; jq -n --arg secret "$(tail -n 1 "$work/canaries")" "$1" >"$work/failing.json")
}
fails_with_a_secret() {
  secret_file "$1" && play_refused "$2" site.yml --limit worker1 --diff -vvv -e "@$work/failing.json"
}
journals() { local name; for name in server worker1 worker2; do on $name journalctl --no-pager --output=json --all; done; }
stage_canaries() {
  (umask 077; jq -n --arg password "$(openssl rand -hex 16)" '{lyftdata_server_admin_init_password: $password}' >"$work/another.yml")
  jq -r .lyftdata_server_admin_init_password "$work/another.yml" >>"$work/canaries"
  check A4 "a play with --diff -vvv takes another secret" play site.yml --limit server --diff -vvv -e "@$work/another.yml"
  # shellcheck disable=SC2016 # jq's
  check A4 "a play ends at a weak secret" fails_with_a_secret '{lyftdata_worker_auto_enrollment_key: $secret}' 'needs 32 characters'
  # shellcheck disable=SC2016 # jq's
  check A4 "a play ends at a mistyped secret" fails_with_a_secret '{lyftdata_worker_bootstrap_keys: [$secret]}' 'lyftdata_worker_bootstrap_keys'
  check A4 "and none was told" refuse grep -cFf "$work/canaries" "$work/plays.log"
  check A4 "nor did a journal take one" same "$(journals | grep -cFf "$work/canaries")" 0
  check A4 "nor does systemctl show one" same "$(on server systemctl show lyftdata-server.service | grep -cFf "$work/canaries")" 0
  check A4 "facts hold none" same "$(on server find / -xdev -path '*/facts.d/*' -type f | wc -l)" 0
}

# --- A7: what somebody has put at the paths that the roles write to

stage_premade() {
  hosts fresh worker2
  # shellcheck disable=SC2016 # for the host's shell
  on worker2 sh -c '
    echo "Defaults umask=000, umask_override" >/etc/sudoers.d/umask
    mkdir -m 777 /opt/lyftdata /etc/lyftdata /srv/trap
    mkdir -m 777 -p /var/lib/lyftdata-worker
    ln -s /srv/trap /etc/lyftdata/worker
    ln -s /srv/trap/unit /etc/systemd/system/lyftdata-worker@.service
    ln -s /srv/trap /var/lib/lyftdata-worker/worker2'
  play site.yml --limit worker2 >/dev/null || true
  check A7 "no link was followed" same "$(on worker2 find /srv/trap -mindepth 1)" ''
  on worker2 sh -c 'find /etc/lyftdata /var/lib/lyftdata-worker -type l -delete'
  # A host that lost its disk comes back by a key of its own, which the administrator has made.
  (umask 077; api /api/workers/worker2/reset -X POST | jq '{lyftdata_worker_bootstrap_keys: {worker2: .key}}' >"$work/bootstrap.json")
  check A7 "without the links the host is converged" play site.yml --limit worker2 -e "@$work/bootstrap.json"
  check A7 "and what was there is closed" same "$(on worker2 stat -c %a /opt/lyftdata /etc/lyftdata /etc/lyftdata/worker /var/lib/lyftdata-worker/worker2 | paste -sd ' ')" \
    '755 755 700 700'
  check A7 "nothing that the world can write was left" same "$(on worker2 find /opt/lyftdata /etc/lyftdata /var/lib/lyftdata-worker /etc/systemd/system -perm -002 ! -type l)" ''
}

# --- a stolen worker: its host cannot be reached by us, and its worker runs on

prove_a_backup() {
  on server lyftdata-task create-backup </dev/null >/dev/null
  on server install -m 0600 -o lyftdata-server /dev/stdin /run/lyftdata-identity <"$work/backup.identity"
  on server lyftdata-task verify-backup <<<'{"identity": "/run/lyftdata-identity"}' | jq -e .proven
  on server rm /run/lyftdata-identity
}
# The checklist ends the administrator's password: a start with --reset-admin-password takes another.
reset_password() {
  openssl rand -hex 16 | tr -d '\n' >"$work/password"
  { cat "$work/password"; echo; } >>"$work/canaries"
  sed -i "s/admin_init_password: .*/admin_init_password: $(cat "$work/password")/" "$work/inventory/hosts.yml"
  on server cp /dev/stdin /etc/lyftdata/credentials/admin-init-password < <(cat "$work/password"; echo)
  # shellcheck disable=SC2016 # for the host's shell
  on server sh -c '
    dropin=/run/systemd/system/lyftdata-server.service.d
    mkdir -p $dropin
    printf "[Service]\nExecStart=\nExecStart=/opt/lyftdata/current/bin/lyftdata server /etc/lyftdata/server.yml --reset-admin-password\n" >$dropin/reset.conf
    systemctl daemon-reload && systemctl restart lyftdata-server.service; rm $dropin/reset.conf; systemctl daemon-reload'
}

the_stolen_key_is_worth_nothing() {
  answers 403 worker1 -X POST -H "@$work/stolen" -H "Lyftdata-Instance: $(openssl rand -hex 16)" -H 'Content-Type: application/json' \
    -d '{}' "$server_api/api/worker/heartbeat" && grep -q worker_isolated "$work/body"
}
the_report_is_signed() (
  cd "$work/incidents" || return 1
  openssl pkeyutl -verify -pubin -inkey signing.pem -rawin -in incident-*.sums -sigfile incident-*.sums.sig >/dev/null || return 1
  tail -n 2 incident-*.sums | sha256sum --check --quiet
)
the_evidence_opens() { age -d -i "$work/backup.identity" "$work"/incidents/lyftdata-evidence-*.tar.age | tar t | grep -x audit.ndjson; }
incident() { play incident.yml -e '{"lyftdata_incident_hosts": ["worker2"], "lyftdata_incident_reason": "stolen from the rack", "lyftdata_incident_addresses": ["fd77:0:0:2::22"], "lyftdata_incident_report": "'"$work"'/incidents"}'; }
stage_incident() {
  (umask 077; echo "Authorization: Bearer $(on worker2 cat /var/lib/lyftdata-worker/worker2/worker.key)" >"$work/stolen")
  check A6 "there is a proven backup from before" prove_a_backup
  on worker2 systemctl stop ssh.service ssh.socket
  check A6 "incident.yml shuts the stolen worker out and runs the checklist" incident
  check A6 "its host reaches nothing of the server any more" answers 000 worker2 "$server_api/api/health"
  check A6 "neither over IPv6" answers 000 worker2 'https://[fd77:0:0:1::10]:3000/api/health'
  check A6 "its key is worth nothing from another host" the_stolen_key_is_worth_nothing
  reset_password
  check A6 "the administrator comes back by a start that resets the password" log_in
  now
  check A6 "the other worker goes on" within 90 heard_again worker1
  check A6 "the report was fetched, and its signature holds" the_report_is_signed
  check A6 "the evidence was fetched, and its recipient can open it" the_evidence_opens
  check A5 "an incident about nobody is refused" play_refused 'give lyftdata_incident_hosts' incident.yml -e '{"lyftdata_incident_reason": "x"}'
}

# --- the server's host is lost: a fresh one takes its place from a backup

lose_the_server() {
  local name
  name=$(on server lyftdata-task create-backup </dev/null | jq -r '.backup.name') || return 1
  on server cat "/var/backups/lyftdata/$name" >"$work/backup.age"
  [ -s "$work/signer" ] || on server journalctl --no-pager --unit=lyftdata-server --output=cat | grep -i 'sign' | grep -o 'sha256:[0-9a-f]\{64\}' | head -n 1 >"$work/signer"
  [ -s "$work/backup.age" ] && [ -s "$work/signer" ] || return 1
  hosts fresh server
  play site.yml --limit server
}
restore() {
  play restore.yml -e "$(jq -n --arg work "$work" --rawfile signer "$work/signer" --argjson confirm "$1" '{
    lyftdata_restore_backup: "\($work)/backup.age", lyftdata_restore_identity: "\($work)/backup.identity",
    lyftdata_restore_signer: ($signer | rtrimstr("\n")), lyftdata_restore_fresh_host: true, lyftdata_restore_confirm: $confirm}')"
}
server_unchanged() { play site.yml --limit server && unchanged; }
restore_not_confirmed() { refuse restore false >/dev/null && grep -q 'the backup is good and nothing was changed' "$work/play.log"; }
stage_restore() {
  check A6 "a fresh host stands in the server's place" lose_the_server
  check A6 "an unconfirmed restore proves the backup and changes nothing" restore_not_confirmed
  check A6 "restore.yml puts the backup in place" restore true
  on server cat /var/lib/lyftdata-server/tls/ca.crt >"$work/ca.crt"
  check A6 "without the ledger no password counts" refuse log_in
  reset_password
  check A6 "a start that resets the password lets the administrator in" log_in
  now
  check A6 "the workers come back by themselves" within 240 heard_again worker1
  check A6 "no identity was left behind" same "$(on server find / -xdev -name 'identity*' -path '*lyftdata*' -type f | wc -l)" 0
  check A2 "site.yml changes nothing behind a restore" server_unchanged
}
