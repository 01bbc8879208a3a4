package io.lyftdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.lyftdata.config.BadSetting;
import io.lyftdata.config.Loaded;
import io.lyftdata.config.Setting;
import io.lyftdata.config.SettingsLoader;
import io.lyftdata.crypto.SigningKey;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be set, and what is refused: a setting that is not honoured is never ignored. */
class ServerConfigTest {
    private static final Path REFERENCE = Path.of("config.yml");

    @TempDir
    Path directory;

    private static ServerConfig load(String yaml, Path directory, Map<String, String> environment) throws IOException {
        Path file = directory.resolve("c.yml");
        Files.writeString(file, yaml);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return new SettingsLoader(ServerSettings.ALL, environment)
                .load(file, Map.of(), ServerConfig.class)
                .settings();
    }

    @Test
    void theReferenceListsEveryKeyAndNoOther() throws IOException {
        // A setting without a default stands there as a comment.
        String uncommented = Files.readString(REFERENCE).replaceAll("(?m)^( *)# ([a-z-]+: )", "$1$2");
        JsonNode reference = new ObjectMapper(new YAMLFactory()).readTree(uncommented);
        Set<String> listed = new TreeSet<>();
        collect(reference, "", listed);

        Set<String> elsewhere = ServerSettings.ALL.stream()
                .filter(setting -> !setting.inFile())
                .map(Setting::key)
                .collect(Collectors.toSet());
        Set<String> known = new TreeSet<>();
        for (RecordComponent component : ServerConfig.class.getRecordComponents()) {
            String key = kebab(component.getName());
            if (component.getType().getSimpleName().endsWith("Config")) {
                for (RecordComponent inner : component.getType().getRecordComponents()) {
                    known.add(key + "." + kebab(inner.getName()));
                }
            } else if (!elsewhere.contains(key)) {
                known.add(key);
            }
        }
        assertThat(listed).isEqualTo(known);
    }

    private static void collect(JsonNode tree, String path, Set<String> keys) {
        tree.properties().forEach(entry -> {
            if (entry.getValue().isObject()) {
                collect(entry.getValue(), path + entry.getKey() + ".", keys);
            } else {
                keys.add(path + entry.getKey());
            }
        });
    }

    private static String kebab(String camel) {
        return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    @Test
    void theReferenceSaysTheDefaults() throws IOException {
        ServerConfig reference = load(Files.readString(REFERENCE), directory, Map.of());
        ServerConfig defaults = load("built-in-worker: true", directory, Map.of());
        assertThat(reference).isEqualTo(defaults);
    }

    @Test
    void anEmptyFileMeansTheClosedDefaults() throws IOException {
        ServerConfig config = load("", directory, Map.of());
        assertThat(config.bindAddress().isLoopback()).isTrue();
        assertThat(config.whitelist()).isEmpty();
        assertThat(config.builtInWorker()).isFalse();
        assertThat(config.disableTls()).isFalse();
        assertThat(config.autoEnrollmentKey()).isNull();
    }

    @Test
    void everySettingOfTheContractHasItsVariable() {
        assertThat(ServerSettings.ALL.stream().flatMap(setting -> setting.variable().stream()))
                .containsExactlyInAnyOrder(
                        "LYFTDATA_BIND_ADDRESS",
                        "LYFTDATA_ADMIN_BIND_ADDRESS",
                        "LYFTDATA_STAGING_DIR",
                        "LYFTDATA_TLS_CERT",
                        "LYFTDATA_TLS_KEY",
                        "LYFTDATA_TLS_SAN",
                        "LYFTDATA_TLS_KEY_PASSPHRASE",
                        "LYFTDATA_DISABLE_TLS",
                        "LYFTDATA_TRUSTED_PROXIES",
                        "LYFTDATA_FORWARDED_HEADER",
                        "LYFTDATA_API_WHITELIST",
                        "LYFTDATA_AUTO_ENROLLMENT_KEY",
                        "LYFTDATA_DATABASE_URL",
                        "LYFTDATA_ADMIN_INIT_PASSWORD",
                        "LYFTDATA_LOG_RETENTION_DAYS",
                        "LYFTDATA_DB_DISK_USE_MAX_PERCENT",
                        "LYFTDATA_LOG_LEVEL",
                        "LYFTDATA_BUILT_IN_WORKER");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "admin-bind-address: 0.0.0.0:3001|admin-bind-address must be a loopback address",
                "tls-cert: /x|tls-cert and tls-key go together",
                "tls-key: /x|tls-cert and tls-key go together",
                "{tls-cert: /x, tls-key: /y, disable-tls: true}|leave one of them out",
                "{disable-tls: true, bind-address: '0.0.0.0:3000'}|disable-tls needs a loopback bind-address",
                "log-retention-days: 0|log-retention-days: write a whole number from 1 to 3650",
                "disk-usage-max-percentage: 100|disk-usage-max-percentage: write a whole number from 1 to 99",
                "log-level: loud|log-level must be error, warn, info, debug or trace",
                "auto-enrollment-key: tooshort|auto-enrollment-key must have at least 32 characters",
                "database-url: mysql://x|database-url must begin with jdbc:postgresql://",
                "whitelist: [10.0.0.0/8]|whitelist: ",
                "whitelist: [010.0.0.1]|whitelist: ",
                "{whitelist: [10.0.0.1], trusted-proxies: [10.0.0.1]}|whitelist: ",
                "forwarded-header: X-Real-IP|forwarded-header",
                "server: {type: simple}|unknown key server; there are accept-ledger-loss, admin-bind-address, ",
                "bind-adress: 127.0.0.1:1|did you mean bind-address?"
            })
    void refusesWithTheReason(String yaml, String reason) {
        assertThatThrownBy(() -> load(yaml, directory, Map.of()))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining(reason)
                .hasMessageStartingWith(directory.toString());
    }

    @Test
    void aReloadIsRefusedThatWouldOnlyHoldAfterARestart() throws IOException {
        ServerConfig open = load(
                "{disable-tls: true, bind-address: '0.0.0.0:3000', trusted-proxies: [192.0.2.1]}", directory, Map.of());
        ServerConfig closed = load("disable-tls: true", directory, Map.of());
        LiveSettings live = new LiveSettings(
                () -> new Loaded<>(closed, null, Map.of()), new Loaded<>(open, null, Map.of()), entry -> {});
        SigningKey key = SigningKey.open(directory.resolve("signing.key"));
        assertThatThrownBy(() -> live.candidate(key, () -> () -> {}))
                .isInstanceOf(BadSetting.class)
                .hasMessageStartingWith("without a restart, disable-tls needs a loopback bind-address");
    }

    @Test
    void neverPrintsASecret() throws IOException {
        String secret = "canary-canary-canary-canary-canary";
        ServerConfig config = load(
                "auto-enrollment-key: " + secret,
                directory,
                Map.of(
                        "LYFTDATA_ADMIN_INIT_PASSWORD",
                        secret,
                        "LYFTDATA_DATABASE_URL",
                        "jdbc:postgresql://u:" + secret + "@h/d"));
        assertThat(config.toString()).doesNotContain("canary");
        assertThat(List.of(config.databaseUrl())).hasToString("[[redacted]]");
    }
}
