package io.lyftdata.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Settings.Entry;
import io.lyftdata.config.Setting.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsLoaderTest {
    /** A configuration in miniature. */
    public record Sample(
            HostPort bindAddress, Boolean builtInWorker, List<String> whitelist, Secret password, Section section) {}

    /** A section of it. */
    public record Section(Duration interval, Integer count) {
        public Section {
            if (count != null && count > 9) {
                throw new IllegalArgumentException("count must be at most 9");
            }
        }
    }

    private static final List<Setting> SETTINGS = List.of(
            Setting.of("--bind-address", "LYFTDATA_BIND_ADDRESS", Kind.TEXT, ""),
            Setting.of("--built-in-worker", "LYFTDATA_BUILT_IN_WORKER", Kind.SWITCH, ""),
            Setting.of("--whitelist", "LYFTDATA_WHITELIST", Kind.LIST, ""),
            Setting.ofVariable("LYFTDATA_PASSWORD", Kind.SECRET, ""));

    @TempDir
    Path directory;

    private Sample load(String yaml, Map<String, String> flags, Map<String, String> environment) throws IOException {
        return loaded(yaml, flags, environment).settings();
    }

    private Loaded<Sample> loaded(String yaml, Map<String, String> flags, Map<String, String> environment)
            throws IOException {
        Path file = directory.resolve("c.yml");
        Files.writeString(file, yaml);
        return new SettingsLoader(SETTINGS, environment).load(file, flags, Sample.class);
    }

    @Test
    void flagBeatsVariableBeatsFile() throws IOException {
        String yaml = "bind-address: 127.0.0.1:1\n";
        Map<String, String> variable = Map.of("LYFTDATA_BIND_ADDRESS", "127.0.0.1:2");
        Map<String, String> flag = Map.of("bind-address", "127.0.0.1:3");
        assertThat(load(yaml, Map.of(), Map.of()).bindAddress().port()).isEqualTo(1);
        assertThat(load(yaml, Map.of(), variable).bindAddress().port()).isEqualTo(2);
        assertThat(load(yaml, flag, variable).bindAddress().port()).isEqualTo(3);
    }

    @Test
    void saysWhereEachValueCameFromAndNamesSecretsOnly() throws IOException {
        String yaml = "bind-address: 127.0.0.1:1\nwhitelist: [10.0.0.9]\nsection: {interval: 90s}\nbuilt-in-worker:\n";
        Loaded<Sample> loaded = loaded(
                yaml,
                Map.of("bind-address", "127.0.0.1:3"),
                Map.of("LYFTDATA_BIND_ADDRESS", "127.0.0.1:2", "LYFTDATA_PASSWORD", "hidden"));
        assertThat(loaded.file()).isEqualTo(directory.resolve("c.yml").toString());
        assertThat(loaded.entries((key, secret) -> "secret of " + key))
                .containsExactly(
                        new Entry("bind-address", "127.0.0.1:3", "flag"),
                        new Entry("built-in-worker", null, "default"),
                        new Entry("whitelist", List.of("10.0.0.9"), "file"),
                        new Entry("password", "secret of password", "variable"),
                        new Entry("section.interval", "90s", "file"),
                        new Entry("section.count", null, "default"));
    }

    @Test
    void readsEveryKind() throws IOException {
        Sample sample = load(
                "section: {interval: 90s, count: 3}\n",
                Map.of("built-in-worker", "true", "whitelist", "10.0.0.1, 10.0.0.2=logs"),
                Map.of());
        assertThat(sample.builtInWorker()).isTrue();
        assertThat(sample.whitelist()).containsExactly("10.0.0.1", "10.0.0.2=logs");
        assertThat(sample.section().interval()).isEqualTo(Duration.ofSeconds(90));
        assertThat(load("", Map.of(), Map.of()).section()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bind-adress: 127.0.0.1:1|unknown key bind-adress; did you mean bind-address?",
                "section: {intervall: 3s}|unknown key section.intervall; did you mean interval?",
                "section: {interval: soon}|section.interval: expected a duration such as 15s, 10m, 12h or 30d",
                "section: {count: 10}|section: count must be at most 9",
                "section: {count: many}|section.count: expected a whole number",
                "built-in-worker: perhaps|built-in-worker: expected true or false",
                "bind-address: 3000|bind-address: expected address:port, such as 127.0.0.1:3000 or [::1]:3000",
                "bind-address: 127.0.0.1:99999|bind-address: the port must be from 0 to 65535",
                "password: x|password cannot stand in the file; set LYFTDATA_PASSWORD",
                "a: [|line 1: this is no YAML, or a key stands twice",
                "just text|expected keys and values, such as bind-address: 127.0.0.1:3000"
            })
    void namesFileKeyAndReason(String yaml, String reason) {
        assertThatThrownBy(() -> load(yaml, Map.of(), Map.of()))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("c.yml")
                .hasMessageEndingWith(reason);
    }

    @Test
    void takesSecretsFromPrivateFilesOnly() throws IOException {
        Path secret = directory.resolve("secret");
        Files.writeString(secret, "hidden\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Map<String, String> environment = Map.of("LYFTDATA_PASSWORD_FILE", secret.toString());
        Sample sample = load("", Map.of(), environment);
        assertThat(sample.password().reveal()).isEqualTo("hidden");
        assertThat(sample.toString()).doesNotContain("hidden");

        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> load("", Map.of(), environment)).hasMessageEndingWith("run: chmod 600 " + secret);
        Map<String, String> credential =
                Map.of("LYFTDATA_PASSWORD_FILE", secret.toString(), "CREDENTIALS_DIRECTORY", directory.toString());
        assertThat(load("", Map.of(), credential).password().reveal()).isEqualTo("hidden");
        Map<String, String> both = Map.of("LYFTDATA_PASSWORD_FILE", secret.toString(), "LYFTDATA_PASSWORD", "other");
        assertThatThrownBy(() -> load("", Map.of(), both)).hasMessageContaining("are both set");
    }

    @Test
    void saysWhenThereIsNoFile() {
        assertThatThrownBy(() -> new SettingsLoader(SETTINGS, Map.of())
                        .load(directory.resolve("missing.yml"), Map.of(), Sample.class))
                .isInstanceOf(BadSetting.class)
                .hasMessageEndingWith("missing.yml does not exist");
    }
}
