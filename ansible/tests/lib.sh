# shellcheck shell=bash
# What the checks share: where things lie, how a play is run, and lines that say ok or FAIL.

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
ansible=${tests%/*}
export HOSTS_DIR=${HOSTS_DIR:-/var/tmp/lyftdata-hosts}
work=$HOSTS_DIR/work
passed=0
failures=()

hosts() { "$tests/hosts.sh" "$@"; }
on() { hosts on "$@"; }
from() { hosts from "$@"; }

# check ID NAME COMMAND...: one line; on failure what the command said
check() {
  local id=$1 name=$2 said begun=$SECONDS
  shift 2
  if said=$("$@" 2>&1); then
    passed=$((passed + 1))
    printf 'ok   %-3s %s (%d s)\n' "$id" "$name" $((SECONDS - begun))
  else
    failures+=("$id $name")
    printf 'FAIL %-3s %s (%d s)\n' "$id" "$name" $((SECONDS - begun))
    tail -n 40 <<<"$said" | sed 's/^/     | /'
  fi
}

refuse() { ! "$@"; }
same() { [ "$1" = "$2" ] || { printf 'wanted: %s\nhave:   %s\n' "$2" "$1"; return 1; }; }
within() { # within SECONDS COMMAND...: until it succeeds
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || { "$@"; return 1; }
    sleep 0.5
  done
}

# play PLAYBOOK [ARGUMENTS...]: from the management host, with $inventory or the fleet's; its whole output is kept in $work/play.log
play() {
  local playbook=$1 status=0
  shift
  [ "${playbook#/}" != "$playbook" ] || playbook=$ansible/$playbook
  (cd "$ansible" && from @admin env ANSIBLE_CONFIG="$ansible/ansible.cfg" ANSIBLE_NOCOLOR=1 ANSIBLE_HOME="$work/home" \
    ANSIBLE_SSH_CONTROL_PATH_DIR="$work/cp" ANSIBLE_FORKS=6 \
    ansible-playbook -i "${inventory:-$work/inventory}" "$playbook" "$@") >"$work/play.log" 2>&1 || status=$?
  cat "$work/play.log" >>"$work/plays.log"
  [ "$status" -eq 0 ] || grep -E '^(fatal|failed|ERROR|PLAY RECAP)|unreachable=|"msg"|ERROR!' "$work/play.log" || tail -n 30 "$work/play.log"
  return "$status"
}
# play_refused SENTENCE PLAYBOOK...: it must fail, and say why
play_refused() {
  local sentence=$1
  shift
  if play "$@" >/dev/null; then echo "it was not refused"; return 1; fi
  grep -qF "$sentence" "$work/play.log" || { tail -n 20 "$work/play.log"; return 1; }
}
unchanged() { refuse grep -E 'changed=[1-9]|unreachable=[1-9]|failed=[1-9]' <(sed -n '/^PLAY RECAP/,$p' "$work/play.log"); }

opens() { from "$1" nc -z -w 2 "$2" "$3"; } # opens FROM ADDRESS PORT
scan() { # scan FROM ADDRESS [RANGE]: the open ones of these ports, comma-separated
  local six=()
  [ "${2/:/}" = "$2" ] || six=(-6)
  from "$1" nmap "${six[@]}" -n -Pn -sS -p "${3:-22,80,443,3000,3001,9090}" --min-rate 4000 --max-retries 2 -oG - "$2" |
    grep -o '[0-9]*/open/' | cut -d / -f 1 | paste -sd ,
}
sees_only() { same "$(scan "$1" "$2")" "$3"; } # sees_only FROM ADDRESS PORTS
