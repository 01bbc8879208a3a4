#!/usr/bin/env bash
# The role lyftdata_volume under a kernel with dm-crypt; run by uml.sh. Ends with 0 when all of it held.
set -euo pipefail
cd "$(dirname "$0")/.."

play() {
  ANSIBLE_CONFIG=ansible.cfg ANSIBLE_NOCOLOR=1 ANSIBLE_HOME=/run/ansible ansible localhost -i localhost, -c local --one-line \
    -e ansible_python_interpreter=/usr/bin/python3 -e lyftdata_volume_device=/dev/ubdb -m ansible.builtin.include_role -a name=lyftdata_volume
}
say() { echo "$1"; exit "${2:-1}"; }

mkfs.ext4 -q /dev/ubdb
if play >/run/refused; then say "a device with a file system was taken"; fi
grep -q '/dev/ubdb holds ext4' /run/refused || { cat /run/refused; say "it was not refused for that"; }
wipefs --quiet --all /dev/ubdb

play >/run/first || { cat /run/first; say "the first run failed"; }
play >/run/second || { cat /run/second; say "the second run failed"; }
if grep -q CHANGED /run/second; then cat /run/second; say "the second run changed something"; fi

[ "$(findmnt -no SOURCE /var/lib/lyftdata-server)" = /dev/mapper/lyftdata ] || say "it is not mounted"
[ "$(stat -c '%U %a' /etc/lyftdata-volume.key)" = "root 400" ] || say "others can read the key"
grep -q '^lyftdata /dev/ubdb /etc/lyftdata-volume.key ' /etc/crypttab || say "it would not open at boot"

echo canary-3f1c9a >/var/lib/lyftdata-server/canary
sync
grep -q canary-3f1c9a /dev/mapper/lyftdata || say "what was written is not on the open volume"
if grep -q canary-3f1c9a /dev/ubdb; then say "what was written lies on the disk in the clear"; fi

umount /var/lib/lyftdata-server
cryptsetup close lyftdata
cryptsetup open --key-file /etc/lyftdata-volume.key /dev/ubdb lyftdata
mount /var/lib/lyftdata-server
grep -q canary-3f1c9a /var/lib/lyftdata-server/canary || say "it does not come back"
say "encrypted, mounted, unchanged by the second run, and back after closing" 0
