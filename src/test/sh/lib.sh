# shellcheck shell=bash
# What the walks share: a place of their own, processes that end with the script, and checks that say what they saw.

work=$(mktemp -d -p /var/tmp lyftdata.XXXXXX)
jar=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)/target/lyftdata.jar
processes=()

finish() {
  local status=$?
  for process in "${processes[@]}"; do
    kill -9 "$process" 2>/dev/null || true
  done
  if [ "$status" -ne 0 ]; then
    echo "--- the last lines of each log in $work"
    tail -n 25 "$work"/*.log 2>/dev/null || true
  else
    rm -rf "$work"
  fi
  exit "$status"
}
trap finish EXIT

[ -f "$jar" ] || { echo "$jar is missing: mvn package makes it"; exit 1; }

lyftdata() {
  java -XX:TieredStopAtLevel=1 -jar "$jar" "$@"
}

# start NAME COMMAND...: runs in the background, output in NAME.log, process id in $started
start() {
  local name=$1
  shift
  "$@" >>"$work/$name.log" 2>&1 &
  started=$!
  processes+=("$started")
}

# until_true SECONDS WHAT COMMAND...: waits until the command succeeds
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      echo "FAILED: $what"
      "$@" || true
      return 1
    fi
    sleep 0.3
  done
  echo "ok: $what"
}

# expect WHAT EXPECTED ACTUAL
expect() {
  if [ "$2" = "$3" ]; then
    echo "ok: $1"
  else
    echo "FAILED: $1: expected '$2', got '$3'"
    return 1
  fi
}
