package io.lyftdata.host;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.config.HostPort;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/** From where the server's port can be reached. */
public final class BindAddressPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "bind-address",
            Severity.MEDIUM,
            "The setting `bind-address`: every address of the host (`0.0.0.0`, `::`) and a public address are findings."
                    + " Loopback, private (RFC 1918, RFC 4193), shared (RFC 6598) and link-local addresses are none.",
            "“Keep the server bound to 127.0.0.1:3000 unless you explicitly need remote access. If you expose the server"
                    + " port, restrict it to management CIDRs (VPN/bastion) and block public networks.”",
            "Set `bind-address` to loopback, or to the host's address in the management network; it needs a restart."
                    + " A public address that a firewall closes is a reason for a waiver.");

    private final HostPort bindAddress;

    public BindAddressPostureCheck(HostPort bindAddress) {
        this.bindAddress = bindAddress;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() throws IOException {
        InetAddress address = InetAddress.getByName(bindAddress.host());
        String remedy = "bind-address: 127.0.0.1:" + bindAddress.port() + ", then restart (or the host's address in the"
                + " management network)";
        if (address.isAnyLocalAddress()) {
            return List.of(new Finding(
                    bindAddress.toString(),
                    "the server listens on every address of this host, public ones too",
                    remedy));
        }
        return isPublic(address)
                ? List.of(new Finding(bindAddress.toString(), "the server listens on a public address", remedy))
                : List.of();
    }

    private static boolean isPublic(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean isUniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
        boolean isShared = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 0x40;
        return !address.isLoopbackAddress()
                && !address.isSiteLocalAddress()
                && !address.isLinkLocalAddress()
                && !isUniqueLocal
                && !isShared;
    }
}
