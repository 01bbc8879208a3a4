package io.lyftdata.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.client.Endpoint;
import io.lyftdata.client.Trust;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Secret;
import io.lyftdata.crypto.KeyString;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentConfigTest {
    private static final String KEY = KeyString.generate(KeyString.Kind.WORKER).reveal();

    @Test
    void namesAreIds() {
        assertThat(config(null, null, "Web-1.Example", 60).name()).isEqualTo("web-1.example");
        assertThatThrownBy(() -> config(null, null, "metrics", 60)).hasMessageStartingWith("--worker-name");
        assertThatThrownBy(() -> config("a_b", KEY, "web", 60)).hasMessageStartingWith("--worker-id");
    }

    @Test
    void aMistypedKeyIsRefusedBeforeAnyCallAndWithoutEcho() {
        String mistyped = KEY.substring(0, 60) + (KEY.charAt(60) == '0' ? '1' : '0') + KEY.substring(61);
        String session = KeyString.generate(KeyString.Kind.SESSION).reveal();
        for (String wrong : List.of(mistyped, session, "", KEY + "\n")) {
            assertThatThrownBy(() -> config("web", wrong, "web", 60))
                    .isInstanceOf(BadSetting.class)
                    .hasMessageContaining("mistyped")
                    .message()
                    .doesNotContain(KEY.substring(45, 60));
        }
        assertThatThrownBy(() -> config(null, KEY, "web", 60)).hasMessageContaining("--worker-id");
        assertThat(config("web", KEY, "web", 60).toString()).doesNotContain(KEY.substring(45));
    }

    @Test
    void anIntervalThatWouldFloodOrFallSilentIsRefused() {
        assertThatThrownBy(() -> config(null, null, "web", 0)).hasMessageStartingWith("--metrics-interval");
        assertThatThrownBy(() -> config(null, null, "web", 3601)).hasMessageStartingWith("--metrics-interval");
    }

    @Test
    void labelsAreKeysAndValues() {
        assertThat(AgentConfig.parseLabels("zone=a, role = web")).isEqualTo(Map.of("zone", "a", "role", "web"));
        assertThat(AgentConfig.parseLabels(" ")).isEmpty();
        for (String wrong : List.of("zone", "=a", "zone=a,", "zone=a,zone=b")) {
            assertThatThrownBy(() -> AgentConfig.parseLabels(wrong)).isInstanceOf(BadSetting.class);
        }
    }

    private static AgentConfig config(String id, String key, String name, long seconds) {
        return new AgentConfig(
                new Endpoint(URI.create("https://localhost:3000"), Trust.ofJvm()),
                Optional.ofNullable(id),
                Optional.ofNullable(key).map(Secret::new),
                name,
                Optional::empty,
                Path.of("jobs"),
                Duration.ofSeconds(seconds),
                Map.of(),
                List.of(),
                List.of());
    }
}
