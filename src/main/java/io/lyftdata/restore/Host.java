package io.lyftdata.restore;

import io.lyftdata.archive.Names;
import io.lyftdata.crypto.SecretFile;
import io.lyftdata.crypto.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The installation that the staging directory holds already, if any. */
record Host(Optional<String> installation, Optional<SigningKey> key) {
    static Host of(Path staging) throws IOException {
        Path key = staging.resolve(Names.SIGNING_KEY);
        return new Host(
                SecretFile.read(staging.resolve(Names.INSTALLATION)).map(String::strip),
                Files.exists(key) ? Optional.of(SigningKey.open(key)) : Optional.empty());
    }

    boolean is(String other) {
        return installation.filter(other::equals).isPresent();
    }

    boolean isAnother(String other) {
        return installation.isPresent() && !is(other);
    }
}
