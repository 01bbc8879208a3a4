package io.lyftdata.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lyftdata.api.Code;
import io.lyftdata.api.Refusal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

public class ExpositionParserTest {
    private static final String GOOD = """
            # HELP http_requests_total The total, with \\\\ and \\n in it.
            # TYPE http_requests_total counter
            http_requests_total{method="post",code="200"} 1027 1395066363000
            http_requests_total { method = "post" , code = "400" , } 3

            # a comment
            # TYPE rpc_seconds summary
            rpc_seconds{quantile="0.5"} 4.7e+3
            rpc_seconds_sum 1.7560473e+07
            rpc_seconds_count 2693
            # TYPE size_bytes histogram
            size_bytes_bucket{le="100"} 1
            size_bytes_bucket{le="+Inf"} 2
            size_bytes_sum NaN
            size_bytes_count 2
            \tno_type{path="C:\\\\DIR\\"x\\n",ü_is_not="ü"} -inf
            """.replace(",ü_is_not", ",is_utf8");

    private static String render(String exposition) throws IOException {
        return render(exposition.getBytes(StandardCharsets.UTF_8));
    }

    private static String render(byte[] exposition) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Snapshot.Part part : ExpositionParser.parse("w", exposition).parts()) {
            out.write(("[" + part.family().name() + " " + part.family().type().text() + "]\n")
                    .getBytes(StandardCharsets.UTF_8));
            part.writeTo(out);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void rendersEverySampleUnderItsFamilyAndWorker() throws IOException {
        assertThat(render(GOOD)).isEqualTo("""
                        [http_requests_total counter]
                        http_requests_total{worker="w",code="200",method="post"} 1027 1395066363000
                        http_requests_total{worker="w",code="400",method="post"} 3
                        [rpc_seconds summary]
                        rpc_seconds{worker="w",quantile="0.5"} 4.7e+3
                        rpc_seconds_sum{worker="w"} 1.7560473e+07
                        rpc_seconds_count{worker="w"} 2693
                        [size_bytes histogram]
                        size_bytes_bucket{worker="w",le="100"} 1
                        size_bytes_bucket{worker="w",le="+Inf"} 2
                        size_bytes_sum{worker="w"} NaN
                        size_bytes_count{worker="w"} 2
                        [no_type untyped]
                        no_type{worker="w",is_utf8="ü",path="C:\\\\DIR\\"x\\n"} -Inf
                        """);
    }

    @Test
    void aWorkersOwnWorkerLabelNeverPassesForTheServers() throws IOException {
        assertThat(render("a{worker=\"x\",exported_worker=\"y\",exported_exported_worker=\"z\",my_worker=\"m\"} 1\n"))
                .contains("a{worker=\"w\",exported_exported_exported_worker=\"z\",exported_exported_worker=\"y\","
                        + "my_worker=\"m\",exported_worker=\"x\"} 1");
    }

    @Test
    void scatteredSamplesComeOutTogether() throws IOException {
        assertThat(render("a{x=\"1\"} 1\nb 2\na{x=\"2\"} 3\n")).isEqualTo("""
                        [a untyped]
                        a{worker="w",x="1"} 1
                        a{worker="w",x="2"} 3
                        [b untyped]
                        b{worker="w"} 2
                        """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "1|a|not a number",
                "1|a b|not a number",
                "1|a 1 2 3|more on the line",
                "1|a 0x1|not a number",
                "1|a 1_0|not a number",
                "1|a 1e999|not a number",
                "1|a 1e|not a number",
                "1|a .|not a number",
                "1|a 1 NaN|timestamp",
                "1|a 1 1.5|timestamp",
                "1|a 1 99999999999999999999|timestamp",
                "1|9a 1|begins with a letter",
                "1|a-b 1|not a number",
                "1|{a=\"b\"} 1|begins with a letter",
                "1|a{b} 1|followed by '='",
                "1|a{b=c} 1|double quotes",
                "1|a{b=\"c} 1|does not end on its line",
                "1|a{b=\"\\t\"} 1|escape",
                "1|a{b=\"c\" d=\"e\"} 1|neither ',' nor '}'",
                "1|a{,} 1|begins with a letter",
                "1|a{b:c=\"d\"} 1|followed by '='",
                "1|a{b=\"1\",b=\"2\"} 1|label twice",
                "1|a{__name__=\"x\"} 1|reserved",
                "2|a 1;a 2|series comes twice",
                "2|a{x=\"1\",y=\"2\"} 1;a{y=\"2\",x=\"1\"} 1|series comes twice",
                "2|a{x=\"\"} 1;a 1|series comes twice",
                "2|# TYPE a gauge;# TYPE a gauge|comes twice",
                "2|# HELP a x;# HELP a x|comes twice",
                "2|a 1;# TYPE a gauge|after its samples",
                "2|a 1;# HELP a gauge|after its samples",
                "1|# TYPE a gauges|a TYPE is",
                "1|# TYPE a|a TYPE is",
                "1|# TYPE a gauge gauge|more on the line",
                "1|# HELP|begins with a letter",
                "1|# HELP a-b c|character that names do not have",
                "1|# HELP a \\x|escape",
                "2|# TYPE a histogram;a 1|takes only",
                "2|# TYPE a histogram;a_bucket 1|lacks the label le",
                "2|# TYPE a histogram;a_bucket{le=\"x\"} 1|lacks the label le",
                "2|# TYPE a summary;a 1|lacks the label quantile",
                "2|a_sum 1;# TYPE a summary|two families",
                "2|# TYPE a summary;# TYPE a_sum gauge|two families",
                "3|;;lyftdata_worker_up 1|server's own",
                "1|# HELP lyftdata_server_x y|server's own",
                "1|# TYPE lyftdata_worker summary|server's own",
            })
    void refusesWithTheLine(int line, String exposition, String reason) {
        boolean claimsReserved = exposition.contains("lyftdata_worker summary");
        String text = exposition.replace(';', '\n') + "\n" + (claimsReserved ? "lyftdata_worker_sum 1\n" : "");
        assertThatThrownBy(() -> render(text))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(Code.UNPROCESSABLE))
                .hasMessageStartingWith("metrics line " + (claimsReserved ? 2 : line) + ": ")
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a 1\nb 2", "a", "#", " ", "a{b=\"\\"})
    void refusesWhatMayHaveBeenCutOff(String exposition) {
        assertThatThrownBy(() -> render(exposition)).hasMessageContaining("no line feed at its end");
    }

    @Test
    void refusesControlCharactersSinceAReaderMayTakeThemForTheEnd() {
        for (char c : new char[] {0, '\r', 0x1b}) {
            assertThatThrownBy(() -> render("a{b=\"" + c + "\"} 1\n")).hasMessageContaining("control character");
            assertThatThrownBy(() -> render("# HELP a " + c + "\n")).hasMessageContaining("control character");
        }
    }

    @Test
    void refusesBrokenUtf8() {
        byte[] bytes = "a{b=\"x\"} 1\n".getBytes(StandardCharsets.UTF_8);
        bytes[5] = (byte) 0xff;
        assertThatThrownBy(() -> render(bytes)).hasMessageContaining("not UTF-8");
    }

    @Test
    void refusesWhatIsTooLong() {
        assertThatThrownBy(() -> render("a".repeat(257) + " 1\n")).hasMessageContaining("longer than 256");
        assertThatThrownBy(() -> render("a{" + "b".repeat(257) + "=\"\"} 1\n")).hasMessageContaining("longer than 256");
        assertThatThrownBy(() -> render("a{b=\"" + "c".repeat(4097) + "\"} 1\n"))
                .hasMessageContaining("longer than 4096");
        assertThatThrownBy(() -> render("a " + "1".repeat(65) + "\n")).hasMessageContaining("longer than 64");
        StringBuilder labels = new StringBuilder();
        for (int i = 0; i <= 64; i++) {
            labels.append("l").append(i).append("=\"x\",");
        }
        assertThatThrownBy(() -> render("a{" + labels + "} 1\n")).hasMessageContaining("more than 64 labels");
        StringBuilder series = new StringBuilder();
        for (int i = 0; i < ExpositionParser.MAX_SERIES; i++) {
            series.append("a").append(i).append(" 1\n");
        }
        assertThatCode(() -> render(series.toString())).doesNotThrowAnyException();
        assertThatThrownBy(() -> render(series.append("b 1\n").toString()))
                .hasMessageStartingWith("metrics line 10001: ");
    }

    /** Never anything but a refusal, and what got through gets through again. */
    static void survives(byte[] input) {
        String rendered;
        try {
            rendered = render(input).replaceAll("(?m)^\\[.*\n", "").replaceAll("([{,])worker=\"w\"", "$1");
        } catch (Refusal | IOException e) {
            assertThat(e).hasMessageStartingWith("metrics line ");
            return;
        }
        String again = rendered.replace("{,", "{");
        assertThatCode(() -> render(again)).as(again).doesNotThrowAnyException();
    }

    @Test
    void survivesMutations() {
        Random random = new Random(17);
        String alphabet = "\n\n {}\"\"\\,=#_:aeN+-.019 \t\0ü";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder(GOOD);
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = random.nextInt(text.length());
                int to = Math.min(text.length(), at + random.nextInt(random.nextInt(10) == 0 ? 80 : 3));
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                text.replace(at, to, random.nextBoolean() ? String.valueOf(c) : "");
            }
            byte[] bytes = text.toString()
                    .getBytes(random.nextBoolean() ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
            survives(bytes);
        }
    }
}
