"""What the role wants of UFW, as the lines that `ufw show added` prints."""
from ipaddress import ip_address, ip_network

from ansible.errors import AnsibleFilterError

WIDEST = {4: 8, 6: 16}
OURS = "comment 'lyftdata: "


def lyftdata_firewall_network(text):
    """The network or address as UFW prints it; refuses everyone, host bits, and what is no network."""
    try:
        network = ip_network(text)
    except ValueError as error:
        raise AnsibleFilterError(f"'{text}' is not a network: {error}") from error
    if network.prefixlen < WIDEST[network.version]:
        raise AnsibleFilterError(
            f"'{text}' is as good as everyone: name networks of at most /{WIDEST[network.version]}")
    if network.prefixlen == network.max_prefixlen:
        return str(network.network_address)
    return str(network)


def lyftdata_firewall_covers(networks, address):
    """Whether the address lies in one of the networks."""
    return any(ip_address(address) in ip_network(network) for network in networks)


def lyftdata_firewall_rules(management, workers, collectors, api_ports, ssh_port, ssh_from, outbound):
    """The rules in the order in which they are safe to add: SSH first."""
    wanted = {}

    def allow(network, port, why):
        network = lyftdata_firewall_network(network)
        wanted.setdefault((network, port), f"allow from {network} to any port {port} proto tcp {OURS}{why}'")

    for network in management:
        allow(network, ssh_port, "ssh, management")
    if ssh_from and not lyftdata_firewall_covers(management, ssh_from):
        allow(ssh_from, ssh_port, "ssh, whence the play came")
    for why, networks in (("management", management), ("workers", workers), ("collectors", collectors)):
        for network in networks:
            for port in api_ports:
                allow(network, port, f"api, {why}")
    for rule in outbound:
        to, port, proto = lyftdata_firewall_network(rule["to"]), int(rule["port"]), rule.get("proto", "tcp")
        wanted[(to, port, proto)] = f"allow out to {to} port {port} proto {proto} {OURS}out'"
    return list(wanted.values())


def lyftdata_firewall_steps(rules, added, settings, active, outgoing):
    """The `ufw` commands from what is to what should be. `added` is the output of `ufw show added`, `settings` the
    assignments of /etc/default/ufw, `outgoing` is allow or deny."""
    present = [line[4:] for line in added.splitlines() if line.startswith("ufw ")]
    policies = dict(line.replace('"', "").split("=", 1) for line in settings.splitlines() if "=" in line)
    steps = [rule for rule in rules if rule not in present]
    if policies.get("DEFAULT_INPUT_POLICY") != "DROP":
        steps.append("default deny incoming")
    if policies.get("DEFAULT_OUTPUT_POLICY", "ACCEPT") != {"allow": "ACCEPT", "deny": "DROP"}[outgoing]:
        steps.append(f"default {outgoing} outgoing")
    if not active:
        steps.append("--force enable")
    # UFW deletes by the rule and not by its comment.
    bare = {rule.split(" comment ")[0] for rule in rules}
    return steps + [f"delete {line}" for line in present if OURS in line and line.split(" comment ")[0] not in bare]


class FilterModule:
    def filters(self):
        return {
            name: function for name, function in globals().items()
            if name.startswith("lyftdata_firewall_") and callable(function)
        }
