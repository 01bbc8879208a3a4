# shellcheck shell=bash
# shellcheck disable=SC2154 # lib.sh and converge.sh have work and ansible
# A6: an upgrade while workers ship, a release that does not start, a way back, a configuration that is none.

# make_release VERSION [SHELL COMMAND in its directory]: from the one that was built
make_release() {
  local built
  built=$(find "$ansible/../target" -maxdepth 1 -name 'lyftdata-*.tar.gz' | sort | head -n 1)
  rm -rf "$work/release"
  mkdir "$work/release"
  tar -xzf "$built" -C "$work/release" --strip-components=1
  (cd "$work/release" && eval "${2:-true}")
  tar -czf "$work/lyftdata-$1.tar.gz" -C "$work" --transform "s,^release,lyftdata-$1," release
  (cd "$work" && sha256sum "lyftdata-$1.tar.gz" >"lyftdata-$1.tar.gz.sha256")
}
upgrade() { play upgrade.yml -e lyftdata_base_version="$1" -e lyftdata_base_archive="$work/lyftdata-$1.tar.gz"; }
release_of() { on "$1" readlink /opt/lyftdata/current; }
releases() { same "$(release_of server) $(release_of worker1) $(release_of worker2)" "$1 $1 $1"; }

# A line on worker1 each 100 ms, while a command runs; then each of them at the server, once.
shipping() {
  local number=0 status=0 writing=$work/writing
  touch "$writing"
  (
    while [ -e "$writing" ]; do
      number=$((number + 1))
      echo "line $number" >>"$HOSTS_DIR/hosts/worker1/root/srv/app.log"
      sleep 0.1
    done
    echo "$number" >"$work/written"
  ) &
  "$@" || status=$?
  rm "$writing"
  wait $!
  within 90 all_shipped && return "$status"
}
all_shipped() {
  same "$(api '/api/workers/worker1/logs?limit=10000&since=1h' | jq -r 'select(.source | endswith("app.log")) | .message' | sort | uniq -c |
    awk '$1 != 1 { bad = 1 } END { print NR, bad + 0 }')" "$(cat "$work/written") 0"
}

configuration() { on server sha256sum /etc/lyftdata/server.yml /etc/lyftdata/server.env; }
same_configuration() { same "$(configuration)" "$1"; }
started() { on server systemctl show --property=InvocationID,NRestarts lyftdata-server.service; }
broken_release() {
  refuse upgrade 9.9.9 >/dev/null || { echo "it was taken"; return 1; }
  releases "$1" && within 60 online worker1 worker2
}
# Its worker runs, and calls a server that does not answer: worker1 goes back, and worker2 is not touched.
deaf_release() {
  refuse upgrade 9.9.7 >/dev/null || { echo "it was taken"; return 1; }
  same "$(release_of server) $(release_of worker1) $(release_of worker2)" "9.9.7 $1 $1" && within 60 online worker1 worker2
}
bad_configuration() {
  local before
  before=$(started; on server sha256sum /etc/lyftdata/server.yml)
  refuse play site.yml --limit server -e '{"lyftdata_server_settings": {"session": {"idle": "never"}}}' >/dev/null || { echo "it was taken"; return 1; }
  same "$(started; on server sha256sum /etc/lyftdata/server.yml)" "$before"
}

stage_upgrade() {
  local before settings
  before=$(release_of server) settings=$(configuration)
  on worker1 sh -c 'umask 022; : >/srv/app.log'
  make_release 9.9.8
  # The last line stands for anything that keeps a release from starting.
  make_release 9.9.9 'printf "#!/bin/sh\nexit 1\n" >bin/lyftdata'
  # shellcheck disable=SC2016 # for the release's own shell
  make_release 9.9.7 'sed -i "2a [ \"\${1:-}\" != worker ] || export LYFTDATA_URL=https://127.0.0.1:9" bin/lyftdata'
  check A6 "an upgrade under load loses no line and doubles none" shipping upgrade 9.9.8
  check A6 "and leaves the configuration as it was" same_configuration "$settings"
  check A6 "every host has the release" releases 9.9.8
  check A6 "one that does not start is taken back by itself" broken_release 9.9.8
  check A6 "one whose worker the server does not hear is taken back too, and goes no further" deaf_release 9.9.8
  check A6 "one variable goes back" play upgrade.yml -e lyftdata_base_version="$before"
  check A6 "and every host has the former release" releases "$before"
  check A6 "a bad configuration stops the play, and the service runs on" bad_configuration
  printf 'tampered' >>"$work/lyftdata-9.9.9.tar.gz"
  check A5 "an archive with another checksum is refused" play_refused 'the SHA-256 of' upgrade.yml \
    -e lyftdata_base_version=9.9.6 -e lyftdata_base_archive="$work/lyftdata-9.9.9.tar.gz"
}
