#!/usr/bin/env bash
# Boots hosts on this machine, converges them with the playbooks, and looks at them from outside: A1 to A8 of the hardening
# suite. As root on Debian 12. Ends every host it started.
#   run.sh fast          what every build runs
#   run.sh whole         all of it, before a release
#   run.sh whole NAME…   only these stages, and those they stand on (converge)
# KEEP=1 leaves the hosts, for tests/hosts.sh to look at, and REUSE=1 goes on with them, converged as they are; HOSTS_DIR and
# HOSTS_CACHE say where disks and root tarball lie.
set -euo pipefail
# shellcheck source=ansible/tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=ansible/tests/converge.sh
. "$tests/converge.sh"
# shellcheck source=ansible/tests/firewall.sh
. "$tests/firewall.sh"
# shellcheck source=ansible/tests/fleet.sh
. "$tests/fleet.sh"
# shellcheck source=ansible/tests/upgrade.sh
. "$tests/upgrade.sh"
# shellcheck source=ansible/tests/inventories.sh
. "$tests/inventories.sh"
# shellcheck source=ansible/tests/disasters.sh
. "$tests/disasters.sh"

usage() { sed -n 's/^# \{0,1\}//p' "$0" | sed -n 2,9p; }

boot() {
  hosts up server=10.77.1.10,fd77:0:0:1::10 worker1=10.77.2.21,fd77:0:0:2::21 worker2=10.77.2.22,fd77:0:0:2::22 \
    @admin=10.77.1.5,fd77:0:0:1::5 @collector=10.77.3.30,fd77:0:0:3::30 @outsider=10.77.9.9,fd77:0:0:9::9
}

finish() {
  local status=$?
  [ ! -f "$work/prometheus.pid" ] || kill "$(cat "$work/prometheus.pid")" 2>/dev/null || true
  rm -f "$work/prometheus.pid"
  [ -n "${KEEP:-}" ] || hosts down || true
  printf '%s passed, %s failed\n' "$passed" "${#failures[@]}"
  [ "${#failures[@]}" -eq 0 ] || { printf 'FAIL %s\n' "${failures[@]}"; status=1; }
  exit "$status"
}

case ${1:-} in
  fast) stages=(lint converge firewall fleet reboot) ;;
  whole) stages=(lint converge firewall refusals fleet outbound reboot power_cut rotate posture canaries premade upgrade incident restore one_host behind_nginx luks) ;;
  *) usage >&2; exit 2 ;;
esac
part=$1
shift
[ $# -eq 0 ] || stages=(converge "$@")
[ "$(id -u)" -eq 0 ] || { echo "run.sh: must run as root" >&2; exit 1; }
compgen -G "$ansible/../target/lyftdata-*.tar.gz" >/dev/null \
  || { echo 'run.sh: there is no release archive in target: build it with "mvn -DskipTests package"' >&2; exit 1; }

trap finish EXIT
trap 'exit 130' INT TERM
begun=$SECONDS
if [ -z "${REUSE:-}" ]; then
  hosts down
  rm -rf "${work:?}"
  mkdir -p "$work"
  boot
else
  stages=("$@")
fi
for stage in "${stages[@]}"; do
  echo "-- $stage"
  "stage_$stage" "$part"
done
echo "$((SECONDS - begun)) s in all; the plays' output is in $work/plays.log"
