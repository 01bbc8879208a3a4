#!/bin/sh
# What of this host falls short of the hardening page, one line each: CHECK: SUBJECT: what is wrong; what mends it.
# Ends with 0 whatever it found.
set -u

finding() { echo "$1: $2: $3; $4"; }
units() { systemctl list-units --plain --no-legend --all 'lyftdata-server.service' 'lyftdata-worker@*.service' | awk '$2 == "loaded" { print $1 }'; }

# Accounts: of the system, no shell, no password, no group but their own.
grep '^lyftdata-' /etc/passwd | while read -r entry; do
  account=${entry%%:*}
  case ${entry##*:} in
    */nologin | */false) ;;
    *) finding accounts "$account" "it has the shell ${entry##*:}" "usermod --shell /usr/sbin/nologin $account" ;;
  esac
  [ "$(id -u "$account")" -lt 1000 ] || finding accounts "$account" "it is a person's account, not the system's" "run site.yml on a host without it"
  [ "$(id -G "$account" | wc -w)" -eq 1 ] || finding accounts "$account" "it is in other groups: $(id -Gn "$account")" "gpasswd --delete $account GROUP"
  case $(passwd --status "$account" | cut -d ' ' -f 2) in
    L*) ;;
    *) finding accounts "$account" "it has a password" "passwd --lock $account" ;;
  esac
done

# Modes: secrets are root's or the account's alone; programs are root's to write.
for path in /etc/lyftdata /var/lib/lyftdata-server /var/lib/lyftdata-worker/*; do
  [ -e "$path" ] || continue
  find "$path" ! -type l \( -name '*.env' -o -name '*.key' -o -name '*.token' -o -path '/var/lib/*' \
    -o -path '/etc/lyftdata/credentials*' -o -path '/etc/lyftdata/tls*' \) ! -type s -perm /077 2>/dev/null |
    while read -r open; do finding modes "$open" "group or world can reach it" "chmod go= $open"; done
done
if [ -d /opt/lyftdata ]; then
  find /opt/lyftdata ! -type l \( ! -user root -o -perm /022 \) | head -n 5 |
    while read -r open; do finding modes "$open" "others than root can change the program" "chown root $open && chmod go-w $open"; done
fi

# Exposure of the units.
for unit in $(units); do
  case $unit in lyftdata-server.service) most=12 ;; *) most=15 ;; esac
  systemd-analyze security --no-pager --threshold=$most "$unit" >/dev/null 2>&1 ||
    finding exposure "$unit" "it is exposed by more than $((most / 10)).$((most % 10)) (systemd-analyze security)" "run site.yml, and look for drop-ins: systemctl cat $unit"
done

# Firewall: on, incoming closed, IPv6 too, nothing open to everyone.
if ! ufw status 2>/dev/null | grep -qx 'Status: active'; then
  finding firewall ufw "it is off" "run site.yml"
else
  ufw status verbose | grep -q '^Default: deny (incoming)' || finding firewall ufw "what no rule names is let in" "ufw default deny incoming"
  grep -qx 'IPV6=yes' /etc/default/ufw || finding firewall ufw "IPv6 is not filtered" "run site.yml"
  ufw status | awk '/ALLOW|LIMIT/ && !/ALLOW OUT|ALLOW FWD/ && /Anywhere/ { $1 = $1; print }' |
    while read -r rule; do finding firewall ufw "open to everyone: $rule" "ufw status numbered; ufw delete NUMBER"; done
  [ ! -d /var/lib/lyftdata-firewall/kept ] || finding firewall ufw "a change waits for its confirmation" "run site.yml"
fi

# Secrets that have done their work.
for left in /etc/lyftdata/*enrollment* /etc/lyftdata/worker/*enrollment*; do
  [ ! -e "$left" ] || finding secrets "$left" "it is no longer needed once the workers have joined" "rm $left"
done

# Time: certificates, proofs and the audit log stand on it.
[ "$(timedatectl show --property=NTPSynchronized --value 2>/dev/null)" = yes ] ||
  finding time-sync "$(hostname)" "its clock is not synchronized" "enable systemd-timesyncd or chrony, and let UDP 123 out"
exit 0
