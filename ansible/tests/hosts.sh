#!/usr/bin/env bash
# Debian hosts to try the roles on, all on this one machine: each is a systemd-nspawn container with systemd as PID 1, on
# its own overlay of one root file system, in its own network namespace on one bridge. The machine's own network is left
# alone and nothing leaves the bridge. The hosts run as real root: use them for the project's own roles only.
set -euo pipefail

HOSTS_DIR=${HOSTS_DIR:-/var/tmp/lyftdata-hosts}
HOSTS_CACHE=${HOSTS_CACHE:-/var/cache/lyftdata-hosts}
HOSTS_PREFIX=${HOSTS_PREFIX:-lyd}

usage() {
  cat <<USAGE
usage: hosts.sh COMMAND [ARGUMENTS]      as root

  up NAME=IP,IP6 ...   boot hosts; a name that begins with @ is a network namespace with this machine's own files
  on HOST COMMAND...   run a command inside a host, as its root
  from HOST COMMAND... run a command of this machine in a host's network
  start HOST, stop HOST, kill HOST (a power cut), fresh HOST (a new disk)
  unplug HOST, plug HOST   take a host's link down, up
  list                 hosts and their addresses
  down                 end every host; remove disks and namespaces

HOSTS_DIR    disks and keys, on a disk file system [$HOSTS_DIR]
HOSTS_CACHE  where the root file system's tarball is kept; delete it for newer packages [$HOSTS_CACHE]
HOSTS_PREFIX of namespaces and control groups, so that two sets can stand side by side [$HOSTS_PREFIX]
USAGE
}

# A plain Debian server that Ansible can drive, and what the roles install: the hosts have no way out to a mirror.
readonly PACKAGES=systemd,systemd-sysv,libpam-systemd,libnss-systemd,systemd-timesyncd,dbus,kmod,procps,iproute2,tzdata,\
ca-certificates,openssh-server,sudo,python3,python3-apt,ufw,iptables,conntrack,curl,netcat-openbsd,\
openjdk-17-jre-headless,age,jq,nginx-light,cryptsetup-bin

die() { echo "hosts.sh: $*" >&2; exit 1; }
dir_of() { echo "$HOSTS_DIR/hosts/$1"; }
netns_of() { echo "$HOSTS_PREFIX-${1#@}"; }
is_container() { [ "${1#@}" = "$1" ]; }
names() { ls "$HOSTS_DIR/hosts" 2>/dev/null || true; }
addresses_of() { tr ',' '\n' <"$(dir_of "$1")/addresses"; }
fabric=$HOSTS_PREFIX--fabric

need() {
  if [ -z "${1:-}" ] || [ ! -d "$(dir_of "$1")" ]; then die "no host '${1:-}', there are: $(names | paste -sd ' ')"; fi
}

# --- root file system

build() {
  local tarball rootfs=$HOSTS_DIR/rootfs
  mkdir -p "$HOSTS_CACHE" "$HOSTS_DIR/hosts"
  tarball=$HOSTS_CACHE/bookworm-$(sha256sum <<<"$PACKAGES" | cut -c 1-16).tar.zst
  if [ ! -f "$tarball" ]; then
    echo "hosts.sh: building $tarball" >&2
    # shellcheck disable=SC2016 # $1 is for each hook's own shell
    mmdebstrap --quiet --variant=minbase --include="$PACKAGES" \
      --customize-hook='rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/hostname "$1"/var/lib/dbus/machine-id' \
      --customize-hook='echo uninitialized >"$1"/etc/machine-id; mkdir -p "$1"/var/log/journal' \
      --customize-hook='chroot "$1" systemctl disable nginx.service' \
      --customize-hook='chroot "$1" useradd --create-home --shell /bin/bash deploy' \
      --customize-hook='echo "deploy ALL=(ALL) NOPASSWD: ALL" >"$1"/etc/sudoers.d/deploy; chmod 0440 "$1"/etc/sudoers.d/deploy' \
      bookworm "$tarball.$$.tar.zst"
    mv "$tarball.$$.tar.zst" "$tarball"
  fi
  [ "$(cat "$rootfs.from" 2>/dev/null)" != "$tarball" ] || return 0
  [ -z "$(names)" ] || die "hosts stand on an older root file system: run 'hosts.sh down' first"
  rm -rf "$rootfs" "$rootfs.from"
  mkdir -p "$rootfs"
  tar --numeric-owner --xattrs -I zstd -xf "$tarball" -C "$rootfs"
  echo "$tarball" >"$rootfs.from"
}

# A fresh disk gets its own name, host key, and the key that lets the tests in.
disk_up() {
  local dir root user home address
  dir=$(dir_of "$1") root=$dir/root
  mkdir -p "$dir/upper" "$dir/work" "$root"
  mountpoint -q "$root" ||
    mount -t overlay "$HOSTS_PREFIX-$1" -o "lowerdir=$HOSTS_DIR/rootfs,upperdir=$dir/upper,workdir=$dir/work" "$root"
  [ ! -e "$root/etc/ssh/ssh_host_ed25519_key" ] || return 0
  echo "$1" >"$root/etc/hostname"
  rm -f "$root/etc/resolv.conf"
  : >"$root/etc/resolv.conf"
  touch "$root/var/lib/apt/lists" # or apt would look for a mirror, which it cannot reach
  ssh-keygen -q -t ed25519 -N '' -C "root@$1" -f "$root/etc/ssh/ssh_host_ed25519_key"
  for user in root deploy; do
    home=$(awk -F: -v user=$user '$1 == user { print $6 }' "$root/etc/passwd")
    install -d -m 0700 "$root$home/.ssh"
    install -m 0600 "$HOSTS_DIR/ssh/id_ed25519.pub" "$root$home/.ssh/authorized_keys"
    chroot "$root" chown -R "$user:" "$home/.ssh"
  done
  for address in $(addresses_of "$1"); do
    sed -i "/^${address//./\\.} /d" "$HOSTS_DIR/ssh/known_hosts"
    echo "$address $(cut -d ' ' -f 1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub")" >>"$HOSTS_DIR/ssh/known_hosts"
  done
}

write_hosts_files() {
  local name address file=$HOSTS_DIR/hosts.txt
  printf '127.0.0.1 localhost\n::1 localhost\n' >"$file"
  for name in $(names); do
    for address in $(addresses_of "$name"); do echo "$address ${name#@}" >>"$file"; done
  done
  for name in $(names); do
    if mountpoint -q "$(dir_of "$name")/root"; then cat "$file" >"$(dir_of "$name")/root/etc/hosts"; fi
  done
}

# --- network

port_of() { echo "p$(sha256sum <<<"$1" | cut -c 1-10)"; }
mac_of() { echo "02$(sha256sum <<<"$1" | cut -c 1-10 | sed 's/../:&/g')"; }

network_up() {
  local ns address
  ns=$(netns_of "$1")
  if [ ! -e "/run/netns/$fabric" ]; then
    ip netns add "$fabric"
    ip -n "$fabric" link add br0 type bridge
    ip -n "$fabric" link set br0 up
  fi
  [ ! -e "/run/netns/$ns" ] || return 0
  ip netns add "$ns"
  ip -n "$fabric" link add "$(port_of "$1")" type veth peer name eth0 address "$(mac_of "$1")" netns "$ns"
  ip -n "$fabric" link set "$(port_of "$1")" master br0 up
  ip -n "$ns" link set lo up
  for address in $(addresses_of "$1"); do
    case $address in
      *:*) ip -n "$ns" addr add "$address/48" dev eth0 nodad ;;
      *) ip -n "$ns" addr add "$address/16" dev eth0 ;;
    esac
  done
  ip -n "$ns" link set eth0 up
}

# A host that is off has no rules, no open connections and no link: a boot must bring its firewall back by itself.
network_down() {
  [ -e "/run/netns/$(netns_of "$1")" ] || return 0
  ip -n "$fabric" link del "$(port_of "$1")"
  ip netns del "$(netns_of "$1")"
}

# --- processes

cgroups() {
  local base
  for base in /sys/fs/cgroup /sys/fs/cgroup/unified; do
    if [ "$(stat -fc %T "$base" 2>/dev/null)" = cgroup2fs ]; then echo "$base"; return; fi
  done
  die "no cgroup v2 below /sys/fs/cgroup"
}
cgroup_of() { echo "$(cgroups)/$HOSTS_PREFIX-$1"; }
cgroup_remove() {
  local base
  # On a machine with both versions of control groups nspawn makes a folder in each.
  for base in "$(cgroups)" /sys/fs/cgroup/systemd; do
    [ ! -d "$base/$HOSTS_PREFIX-$1" ] || find "$base/$HOSTS_PREFIX-$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}

# When a process was started; nothing for one that is gone, or a zombie that nobody has reaped.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }'; }
supervisor() {
  local pid start
  read -r pid start 2>/dev/null <"$(dir_of "$1")/pid" || return 1
  [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ] && echo "$pid"
}
leader() {
  local pid
  pid=$(supervisor "$1") && tr ' ' '\n' <"/proc/$pid/task/$pid/children" 2>/dev/null | grep -m 1 .
}

# Only with the capabilities of the host's own PID 1: nsenter alone would let `date -s` set this machine's clock.
on() {
  local name=$1 pid mask capability list=-all cgroup
  shift
  pid=$(leader "$name") || die "$name does not run"
  mask=$((16#$(awk '$1 == "CapBnd:" { print $2 }' "/proc/$pid/status")))
  for ((capability = 0; capability <= $(cat /proc/sys/kernel/cap_last_cap); capability++)); do
    if (((mask >> capability) & 1)); then list+=,+cap_$capability; fi
  done
  cgroup=$(cgroup_of "$name")/exec
  (
    mkdir -p "$cgroup"
    echo "$BASHPID" >"$cgroup/cgroup.procs"
    exec setpriv --bounding-set="$list" --inh-caps=-all nsenter -t "$pid" -m -u -i -n -p -C -r -w \
      env -i HOME=/root USER=root LOGNAME=root LANG=C.UTF-8 TERM=dumb \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
  )
}

boot() {
  local dir cgroup
  dir=$(dir_of "$1") cgroup=$(cgroup_of "$1")
  if supervisor "$1" >/dev/null; then return 0; fi
  network_up "$1"
  disk_up "$1"
  cgroup_remove "$1"
  mkdir -p "$cgroup"
  # A control group of its own makes `kill` exact; the bpf calls are for IPAddressDeny=, the rest for firewalls.
  (
    self=$BASHPID
    echo "$self" >"$cgroup/cgroup.procs"
    echo "$self $(started_at "$self")" >"$dir/pid"
    exec env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network \
      setsid systemd-nspawn --quiet --register=no --keep-unit --boot --directory="$dir/root" --machine="$1" --hostname="$1" \
      --network-namespace-path="/run/netns/$(netns_of "$1")" --capability=CAP_NET_ADMIN --system-call-filter=bpf \
      --link-journal=no --resolv-conf=off --timezone=off --console=pipe
  ) </dev/null >"$dir/console.log" 2>&1 &
  disown
}

await() {
  local deadline=$((SECONDS + 90)) state=none
  while [ "$SECONDS" -lt "$deadline" ]; do
    if leader "$1" >/dev/null; then
      state=$(on "$1" systemctl is-system-running 2>/dev/null || true)
      case $state in running | degraded) return 0 ;; esac
    fi
    sleep 0.2
  done
  cat "$(dir_of "$1")/console.log" >&2
  die "$1 is not up after 90 s: $state"
}

# halt NAME [TERM]: in order by SIGTERM, or at once
halt() {
  local pid cgroup deadline=$((SECONDS + 40))
  cgroup=$(cgroup_of "$1")
  if [ "${2:-}" = TERM ] && pid=$(supervisor "$1"); then
    kill -TERM "$pid"
    while [ "$SECONDS" -lt "$deadline" ] && supervisor "$1" >/dev/null; do sleep 0.1; done
  fi
  if [ -e "$cgroup/cgroup.kill" ]; then echo 1 >"$cgroup/cgroup.kill"; fi
  while [ "$SECONDS" -lt "$deadline" ] && grep -qs 'populated 1' "$cgroup/cgroup.events"; do sleep 0.1; done
  rm -f "$(dir_of "$1")/pid"
  cgroup_remove "$1"
  network_down "$1"
}

disk_down() {
  if mountpoint -q "$(dir_of "$1")/root"; then umount "$(dir_of "$1")/root" || umount -l "$(dir_of "$1")/root"; fi
}

# --- commands

up() {
  local spec name new=()
  build
  install -d -m 0700 "$HOSTS_DIR/ssh"
  [ -e "$HOSTS_DIR/ssh/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -f "$HOSTS_DIR/ssh/id_ed25519"
  touch "$HOSTS_DIR/ssh/known_hosts"
  for spec in "$@"; do
    [[ $spec =~ ^@?[a-z][a-z0-9-]*=[0-9a-f.:,]+$ ]] || die "'$spec' is not NAME=IP,IP6"
    name=${spec%%=*}
    mkdir -p "$(dir_of "$name")"
    echo "${spec#*=}" >"$(dir_of "$name")/addresses"
    network_up "$name"
    if is_container "$name"; then
      disk_up "$name"
      new+=("$name")
    fi
  done
  write_hosts_files
  for name in "${new[@]}"; do boot "$name"; done
  for name in "${new[@]}"; do await "$name"; done
}

down() {
  local name
  for name in $(names); do
    if is_container "$name"; then
      halt "$name"
      disk_down "$name"
    fi
    network_down "$name"
    if mountpoint -q "$(dir_of "$name")/root"; then die "$(dir_of "$name")/root is still mounted"; fi
    rm -rf "$(dir_of "$name")"
  done
  if [ -e "/run/netns/$fabric" ]; then ip netns del "$fabric"; fi
  rm -rf "$HOSTS_DIR/ssh" "$HOSTS_DIR/hosts.txt"
}

[ "$(id -u)" -eq 0 ] || die "must run as root"
command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
  up | down) "$command" "$@" ;;
  on) need "${1:-}"; on "$@" ;;
  from)
    need "${1:-}"
    ns=/run/netns/$(netns_of "$1")
    shift
    exec nsenter --net="$ns" "$@" ;; # not `ip netns exec`, which hides /sys/fs/cgroup
  start) need "${1:-}"; boot "$1"; await "$1" ;;
  stop) need "${1:-}"; halt "$1" TERM ;;
  kill) need "${1:-}"; halt "$1" ;;
  fresh)
    need "${1:-}"
    halt "$1"
    disk_down "$1"
    rm -rf "$(dir_of "$1")/upper" "$(dir_of "$1")/work"
    disk_up "$1"
    write_hosts_files
    boot "$1"
    await "$1" ;;
  unplug | plug)
    need "${1:-}"
    ip -n "$fabric" link set "$(port_of "$1")" "$([ "$command" = plug ] && echo up || echo down)" ;;
  list) for name in $(names); do echo "$name $(addresses_of "$name" | paste -sd ' ')"; done ;;
  help | -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
