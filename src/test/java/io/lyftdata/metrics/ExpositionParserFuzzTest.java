package io.lyftdata.metrics;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Runs the seeds as a regression test; with JAZZER_FUZZ=1 it looks for more. */
public class ExpositionParserFuzzTest {
    @FuzzTest
    void survivesStrangers(byte[] input) {
        ExpositionParserTest.survives(input);
    }
}
