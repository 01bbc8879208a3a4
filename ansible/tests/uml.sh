#!/usr/bin/env bash
# Run a command, as root, under a kernel that has the device mapper (user-mode Linux), which this machine's may lack. The
# command sees this machine's files; what it writes goes to memory and is gone afterwards. An empty disk is /dev/ubdb;
# there is no systemd, and no network but loopback. Exits with the command's status.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: uml.sh COMMAND [ARGUMENTS]" >&2; exit 2; }

guest=$(mktemp -d)
trap 'rm -rf "$guest"' EXIT
truncate -s 64M "$guest/disk"
{ printf 'cd %q && exec ' "$PWD"; printf '%q ' "$@"; } >"$guest/command"
cat >"$guest/init" <<INIT
#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs tmpfs /mnt
mkdir -p /mnt/lib /mnt/upper /mnt/work /mnt/new
ln -s /usr/lib/uml/modules /mnt/lib/modules
for module in aes_generic cbc ecb xts sha256_generic hmac dm-mod dm-crypt overlay; do modprobe -d /mnt \$module; done
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/new
cd /mnt/new
mount -t proc proc proc; mount -t sysfs sys sys; mount -t devtmpfs dev dev
mkdir -p dev/shm dev/pts
mount -t tmpfs tmpfs run; mount -t tmpfs tmpfs dev/shm; mount -t devpts devpts dev/pts
ip link set lo up
chroot . /bin/bash $guest/command 2>&1
echo "UML-STATUS:\$?"
sync
echo o >/proc/sysrq-trigger
sleep 5
INIT
chmod +x "$guest/init"
# The console carries the command's output and, last, its status.
HOME=$guest timeout --kill-after=5 900 linux.uml mem=1024M rootfstype=hostfs root=/dev/root hostfs=/ ro "init=$guest/init" \
  "ubdb=$guest/disk" con=null con0=null,fd:1 con1=null,fd:1 "umid=${guest##*.}" quiet loglevel=0 \
  </dev/null 2>"$guest/stderr" | tr -d '\r' | tee "$guest/console" |
  grep -v -e '^UML-STATUS:' -e '^mmapper_init' -e '^SELinux: ' -e '^sysrq: ' || true
status=$(sed -n 's/^UML-STATUS://p' "$guest/console" | tail -n 1)
[ -n "$status" ] || { cat "$guest/stderr" >&2; echo "uml.sh: the guest ended without a status" >&2; exit 1; }
exit "$status"
