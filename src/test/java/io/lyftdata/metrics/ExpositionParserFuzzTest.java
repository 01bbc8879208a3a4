package io.lyftdata.metrics;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Runs its inputs in every build; {@code JAZZER_FUZZ=1} with {@code -Djazzer.hooks=true} goes on from them. */
public class ExpositionParserFuzzTest {
    @FuzzTest
    void survivesStrangers(byte[] input) {
        ExpositionParserTest.survives(input);
    }
}
