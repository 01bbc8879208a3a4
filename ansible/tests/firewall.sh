# shellcheck shell=bash
# shellcheck disable=SC2154 # work is lib.sh's
# A8, A3: what each network sees, and the way back from a lock-out.

# ports_seen [RANGE]: four looks at a time, since what is dropped is waited for
ports_seen() {
  local host address pids=()
  mkdir -p "$work/scans"
  for address in 10.77.1.10 fd77:0:0:1::10 10.77.2.21 fd77:0:0:2::21; do
    pids=()
    for host in @admin @outsider worker1 @collector; do
      scan $host $address "$@" >"$work/scans/$host.$address" & pids+=($!)
    done
    wait "${pids[@]}" || true # nothing is open: grep found nothing
  done
  for address in 10.77.1.10 fd77:0:0:1::10; do
    check A8 "management sees SSH and API of the server at $address" saw @admin $address 22,3000
    for host in worker1 @collector; do check A8 "$host sees the server's API only, at $address" saw $host $address 3000; done
    check A8 "an outsider sees nothing of the server at $address" saw @outsider $address ''
  done
  for address in 10.77.2.21 fd77:0:0:2::21; do
    check A8 "management sees SSH of the worker at $address" saw @admin $address 22
    for host in @outsider @collector; do check A8 "$host sees nothing of the worker at $address" saw $host $address ''; done
  done
}
saw() { same "$(cat "$work/scans/$1.$2")" "$3"; }

# The refusals are the firewall's: without it, the outsider reaches the API, and still not the admin connector.
firewall_is_the_cause() {
  on server ufw disable >/dev/null
  local seen=0
  sees_only @outsider 10.77.1.10 22,3000 && sees_only @outsider fd77:0:0:1::10 22,3000 || seen=$?
  on server ufw --force enable >/dev/null
  return "$seen"
}

rules() { on "$1" sh -c 'ufw status verbose; ufw show added'; }
kept() { on "$1" test -d /var/lib/lyftdata-firewall/kept; }

# A wrong port gets past the preflight: the new rules are in force, and nobody can come in by a new connection.
locked_out_and_back() {
  local before
  before=$(rules worker1)
  if play site.yml --limit worker1 --tags run --skip-tags preflight -e '{"lyftdata_firewall_ssh_port": 2222, "lyftdata_firewall_revert_after": 30}'; then
    echo "the play did not notice"
    return 1
  fi
  grep -q 'were not confirmed over a new connection' "$work/play.log" || return 1
  refuse opens @admin 10.77.2.21 22 || { echo "it was not locked out"; return 1; }
  locked=$SECONDS
  within 120 opens @admin 10.77.2.21 22 || return 1
  echo "SSH was back after $((SECONDS - locked)) s"
  same "$(rules worker1)" "$before"
}

# The connection is cut while the rules are changing: what nobody confirmed goes.
cut_in_mid_play() {
  local before deadline=$((SECONDS + 120)) pid
  before=$(rules worker1)
  play site.yml --limit worker1 --tags run -e '{"lyftdata_firewall_collector_networks": ["10.77.7.0/24"], "lyftdata_firewall_api_ports": [3999], "lyftdata_firewall_revert_after": 30}' >/dev/null &
  pid=$!
  until kept worker1; do [ "$SECONDS" -lt "$deadline" ] || return 1; sleep 0.2; done
  hosts unplug @admin
  within 120 refuse kept worker1
  hosts plug @admin
  wait "$pid" || true
  within 120 opens @admin 10.77.2.21 22
  same "$(rules worker1)" "$before"
}

# The power fails while the rules wait for their confirmation: the host comes up with the former ones.
power_cut_in_between() {
  local before
  before=$(rules worker1)
  on worker1 lyftdata-firewall arm
  on worker1 ufw --force reset >/dev/null
  on worker1 ufw --force enable >/dev/null
  hosts kill worker1
  hosts start worker1
  within 30 opens @admin 10.77.2.21 22
  same "$(rules worker1)" "$before"
}

firewall_refusals() {
  local everyone
  check A5 "no management network is refused" play_refused 'must name at least one network' site.yml --limit worker1 --tags preflight -e '{"lyftdata_firewall_management_networks": []}'
  for everyone in 0.0.0.0/0 ::/0 128.0.0.0/1 10.0.0.1/8 ten; do
    check A5 "the management network $everyone is refused" play_refused "'$everyone' is" \
      site.yml --limit worker1 --tags preflight -e "{\"lyftdata_firewall_management_networks\": [\"$everyone\"]}"
  done
  check A5 "a misspelt variable is refused" play_refused 'variable lyftdata_firewall_manegement_networks' \
    site.yml --limit worker1 --tags preflight -e 'lyftdata_firewall_manegement_networks=10.77.1.0/24'
  check A5 "a mistyped variable is refused" play_refused "lyftdata_firewall_ssh_port" \
    site.yml --limit worker1 --tags preflight -e 'lyftdata_firewall_ssh_port=ssh'
  check A3 "a play that would cut its own SSH is refused" play_refused 'its own connection would be cut' \
    site.yml --limit worker1 --tags preflight -e '{"lyftdata_firewall_ssh_port": 2222}'
}

docker_is_told() {
  on worker1 sh -c 'iptables -t nat -N DOCKER; iptables -t nat -A DOCKER -p tcp --dport 8080 -j DNAT --to 172.17.0.2:80'
  play site.yml --limit worker1 --tags configure
  on worker1 sh -c 'iptables -t nat -F DOCKER; iptables -t nat -X DOCKER'
  grep -q 'Docker publishes ports past UFW on this host (8080)' "$work/play.log"
}

stage_firewall() {
  local everything=()
  [ "$1" = fast ] || everything=(1-65535)
  ports_seen "${everything[@]}"
  check A8 "without UFW the outsider gets in, but never to the admin connector" firewall_is_the_cause
  check A3 "locked out by a wrong port, SSH comes back by itself" locked_out_and_back
  [ "$1" = whole ] || return 0
  firewall_refusals
  check A3 "cut in mid-play, the former rules come back" cut_in_mid_play
  check A3 "a power cut before the confirmation brings the former rules back" power_cut_in_between
  check A8 "published ports of Docker are warned of" docker_is_told
}

# --- what a worker may reach, when its outgoing traffic is limited

limited() { play site.yml --limit worker1 -e '{"lyftdata_firewall_limit_outbound": true, "lyftdata_firewall_outbound": [
  {"to": "10.77.1.10", "port": 3000}, {"to": "10.77.1.0/24", "port": 123, "proto": "udp"}]}'; }
unlimited() { play site.yml --limit worker1; }
reaches() { opens worker1 10.77.3.30 8080 && opens worker1 fd77:0:0:3::30 8080 && opens worker1 fd77:0:0:1::10 3000; }
reaches_nothing_else() {
  local address
  for address in 10.77.3.30 fd77:0:0:3::30; do refuse opens worker1 $address 8080 || return 1; done
  refuse opens worker1 fd77:0:0:1::10 3000 && refuse opens worker1 10.77.1.10 22
}
stage_outbound() {
  local listener
  "$tests/hosts.sh" from @collector nc -6 -l -k -p 8080 </dev/null >/dev/null 2>&1 &
  listener=$!
  "$tests/hosts.sh" from @collector nc -4 -l -k -p 8080 </dev/null >/dev/null 2>&1 &
  listener="$listener $!"
  check A8 "by default a worker's host reaches what listens elsewhere, in both families" within 5 reaches
  check A8 "outbound limits are put in force over the play's own connection" limited
  now
  check A8 "with them the worker reaches its server" within 60 heard_again worker1
  check A8 "and nothing else, in either family" reaches_nothing_else
  check A2 "with them a second run changes nothing" limited_unchanged
  check A5 "limits that name nothing are refused" play_refused 'belongs to lyftdata_firewall_limit_outbound' site.yml --limit worker1 \
    --tags preflight -e '{"lyftdata_firewall_limit_outbound": true}'
  check A8 "the limits go when the variable goes" unlimited
  check A8 "and the host reaches what it did before" within 5 reaches
  # shellcheck disable=SC2086 # two
  kill $listener
}
limited_unchanged() { limited && unchanged; }
