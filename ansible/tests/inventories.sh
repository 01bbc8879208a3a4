# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh has work, tests, ansible, HOSTS_DIR
# The documented inventories as they are, but for addresses and the secret: everything on one host, and a server behind
# the nginx of the manual.

# fresh NAME=IP,IP6...: hosts that nothing was done to
fresh() {
  local spec
  for spec in "$@"; do
    if [ -d "$HOSTS_DIR/hosts/${spec%%=*}" ]; then hosts fresh "${spec%%=*}"; else hosts up "$spec"; fi
  done
}
# take INVENTORY: with the addresses of the hosts here
take() {
  inventory=$work/$1
  rm -rf "$inventory"
  cp -r "$ansible/inventory/$1" "$inventory"
  find "$inventory" -name '*.yml' -exec sed -i -e 's,192\.0\.2\.0/28,10.77.1.0/24,g' -e 's,192\.0\.2\.10,10.77.1.11,g' \
    -e 's,192\.0\.2\.21,10.77.2.23,g' {} +
  openssl rand -hex 32 >>"$work/canaries"
  (umask 077; echo "vault_lyftdata_auto_enrollment_key: $(tail -n 1 "$work/canaries")" >"$inventory/group_vars/all/vault.yml")
  cat >"$inventory/access.yml" <<YAML
all:
  vars:
    ansible_ssh_private_key_file: $HOSTS_DIR/ssh/id_ed25519
    ansible_ssh_common_args: -F /dev/null -o UserKnownHostsFile=$HOSTS_DIR/ssh/known_hosts -o StrictHostKeyChecking=yes
YAML
}
heard() { same "$(on "$1" systemctl show --property=StatusText --value "lyftdata-worker@$2.service")" 'the server hears this worker'; }
# of_its_own HOST COMMAND...: inside the server's host, as its administrator with the first password
as_first_admin() {
  # shellcheck disable=SC2016 # for the host's shell
  on control sh -c 'export XDG_STATE_HOME=/run/first-admin
    lyftdata login admin --url "$1" $2 <"/var/lib/lyftdata-server/admin-password" >/dev/null && shift 2 && exec lyftdata "$@"' sh "$@"
}
names_online() { as_first_admin "$1" "$2" workers list --output json | jq -r '.items[] | select(.state == "online") | .id' | sort | paste -sd ' '; }
sees_workers() { # sees_workers HOST WORKER: whose jobs directories the worker's process sees
  # shellcheck disable=SC2016 # for the host's shell
  on "$1" sh -c 'nsenter --target "$(systemctl show --property=MainPID --value "lyftdata-worker@$1.service")" --mount ls /var/lib/lyftdata-worker' sh "$2"
}

# What somebody may have left at the files that server, backup and firewall write, on a host without a umask.
readonly WRITTEN='/etc/lyftdata/server.yml /etc/lyftdata/server.env /etc/lyftdata/credentials/auto-enrollment-key /etc/lyftdata/server-ca.crt
  /etc/lyftdata/worker/control.env /etc/systemd/system/lyftdata-server.service /etc/systemd/system/lyftdata-server.service.d/ansible.conf
  /etc/systemd/system/lyftdata-server.service.d/backup.conf /etc/systemd/system/lyftdata-backup-look.service
  /etc/systemd/system/lyftdata-backup-look.timer /usr/local/sbin/lyftdata-firewall /etc/systemd/system/lyftdata-firewall-revert.service
  /etc/systemd/system/lyftdata-firewall-revert.timer /usr/local/bin/lyftdata /usr/local/sbin/lyftdata-task
  /usr/share/bash-completion/completions/lyftdata'
trapped() {
  # shellcheck disable=SC2016 # for the host's shell
  on control sh -c 'echo "Defaults umask=000, umask_override" >/etc/sudoers.d/umask; umask 000; mkdir /srv/trap
    for file in $1; do mkdir -p "${file%/*}"; echo "bind-address: 127.0.0.1:3000" >"/srv/trap/${file##*/}"; ln -s "/srv/trap/${file##*/}" "$file"; done
    chmod -R go+rwx /etc/lyftdata /etc/systemd/system/lyftdata-server.service.d' sh "$WRITTEN"
}
nothing_trapped() { same "$(on control sh -c 'cat /srv/trap/* | sort -u; ls /srv/trap | wc -l')" \
  "$(printf 'bind-address: 127.0.0.1:3000\n%s' "$(tr -s ' \n' '\n' <<<"$WRITTEN" | sed 's,.*/,,' | sort -u | wc -l)")"; }
open_to_the_world() { on control find /opt/lyftdata /etc/lyftdata /etc/systemd/system /usr/local /var/lib/lyftdata-server /var/lib/lyftdata-worker \
  /var/lib/lyftdata-firewall /var/backups/lyftdata /etc/ufw /etc/default/ufw -perm /002 ! -type l ! -type s; }
stage_one_host() {
  local inventory address
  fresh control=10.77.1.11,fd77:0:0:1::11
  take one-host
  echo "lyftdata_backup_recipients: [$(age-keygen -y "$work/backup.identity")]" >>"$inventory/group_vars/all/main.yml"
  trapped
  check A2 "inventory/one-host: a server and two workers are converged on one host" play site.yml
  check A2 "inventory/one-host: the second run changes nothing" second_run
  check A7 "no link at a file of server, worker, backup or firewall was followed" nothing_trapped
  check A7 "nothing that the world can write was left, on a host without a umask" same "$(open_to_the_world)" ''
  check A6 "the server on loopback hears both workers" same \
    "$(names_online https://127.0.0.1:3000 '--tls-ca /var/lib/lyftdata-server/tls/ca.crt')" 'control control-batch'
  check A7 "neither worker sees the other's jobs directory" same "$(sees_workers control control) $(sees_workers control control-batch)" \
    'control control-batch'
  check A7 "nor can their account read the server's data or secrets" refuse on control runuser --user=lyftdata-worker -- \
    sh -c 'ls /var/lib/lyftdata-server || ls /etc/lyftdata/credentials || cat /etc/lyftdata/server.yml || ls /etc/lyftdata/worker'
  for address in 10.77.1.11 fd77:0:0:1::11; do
    check A8 "nobody reaches the API from outside, at $address" sees_only @outsider $address ''
  done
  check A8 "management reaches SSH and nothing else" sees_only @admin 10.77.1.11 22
  check A2 "a worker that is no longer wanted is stopped" play site.yml --tags run \
    -e '{"lyftdata_worker_instances": [{"name": "control"}], "lyftdata_worker_absent": ["control-batch"]}'
  check A2 "and the other one goes on" same "$(on control systemctl is-active lyftdata-worker@control.service lyftdata-worker@control-batch.service | paste -sd ' ')" \
    'active inactive'
  hosts stop control
}

nginx_of_the_manual() {
  (umask 077; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=control.example \
    -addext subjectAltName=DNS:control.example -keyout "$work/proxy.key" -out "$inventory/proxy-ca.crt" 2>/dev/null)
  on control install -m 0600 /dev/stdin /etc/nginx/server.key <"$work/proxy.key"
  on control install -m 0644 /dev/stdin /etc/nginx/server.crt <"$inventory/proxy-ca.crt"
  awk '$0 == "<!-- nginx -->" { on = 1; next } on && /^    / { print substr($0, 5); seen = 1; next } on && seen && NF { exit }' \
    "$ansible/../docs/operations.md" | sed -e 's,/etc/lyftdata/tls/,/etc/nginx/,; s,lyftdata\.example\.org,control.example,' |
    on control sh -c 'rm -f /etc/nginx/sites-enabled/default; cat >/etc/nginx/conf.d/lyftdata.conf; nginx -t -q && systemctl enable --now nginx.service'
  on branch sh -c 'echo 10.77.1.11 control.example >>/etc/hosts'
  on control sh -c 'echo 127.0.0.1 control.example >>/etc/hosts'
}
stage_behind_nginx() {
  local inventory address
  fresh control=10.77.1.11,fd77:0:0:1::11 branch=10.77.2.23,fd77:0:0:2::23
  take behind-nginx
  check A2 "the manual's site for nginx is taken by nginx" nginx_of_the_manual
  check A2 "inventory/behind-nginx: server and worker are converged" play site.yml
  check A2 "inventory/behind-nginx: the second run changes nothing" second_run
  check A6 "the server hears the worker through nginx" heard branch worker1
  check A6 "and says so itself" same "$(names_online https://control.example '--tls-ca /etc/nginx/server.crt')" worker1
  check A8 "management sees SSH and nginx, and never the server itself" sees_only @admin 10.77.1.11 22,443
  check A8 "nobody that no network names sees anything, over IPv6" sees_only @admin fd77:0:0:1::11 ''
  for address in 10.77.1.11 fd77:0:0:1::11; do check A8 "an outsider sees nothing, at $address" sees_only @outsider $address ''; done
  check A8 "the worker's network sees nginx only" sees_only branch 10.77.1.11 443
  hosts stop control
  hosts stop branch
}
