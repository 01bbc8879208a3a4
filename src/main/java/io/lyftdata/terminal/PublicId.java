package io.lyftdata.terminal;

import io.lyftdata.crypto.KeyString;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The public id of a key or token. A whole key in its place is refused and not repeated.
 *
 * @param text 32 lower-case hex digits
 */
public record PublicId(String text) {
    /** From the command line. */
    public static final class Converter implements ITypeConverter<PublicId> {
        @Override
        public PublicId convert(String argument) {
            if (!KeyString.isPublicId(argument)) {
                throw new TypeConversionException(
                        "an id is the 32 hex digits that \"list\" shows, never the key or" + " token itself");
            }
            return new PublicId(argument);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
