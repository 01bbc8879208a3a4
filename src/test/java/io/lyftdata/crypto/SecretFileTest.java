package io.lyftdata.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileTest {
    @TempDir
    Path directory;

    @Test
    void writesForTheOwnerOnlyAndLeavesNothingBeside() throws IOException {
        Path file = directory.resolve("deep/er/key");
        SecretFile.write(file, "one");
        SecretFile.write(file, "two");
        assertThat(SecretFile.read(file)).contains("two");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void keepsTheOldContentWhenTheNewCannotBeWritten() throws IOException {
        Path file = directory.resolve("key");
        Files.createDirectory(file);
        Files.writeString(file.resolve("inside"), "kept");
        assertThatThrownBy(() -> SecretFile.write(file, "new")).isInstanceOf(IOException.class);
        assertThat(file.resolve("inside")).hasContent("kept");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void replacesALinkInsteadOfFollowingIt() throws IOException {
        Path target = directory.resolve("target");
        Files.writeString(target, "untouched");
        Path file = directory.resolve("key");
        Files.createSymbolicLink(file, target);
        SecretFile.write(file, "secret");
        assertThat(target).hasContent("untouched");
        assertThat(Files.isSymbolicLink(file)).isFalse();
    }
}
