package io.lyftdata;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Files, methods and packages stay small enough to be read at once. */
class SizeTest {
    private static final int FILE_LINES = 300;
    private static final int METHOD_LINES = 40;
    private static final int CONSTRUCTOR_PARAMETERS = 6;
    private static final int PACKAGE_FILES = 18;
    private static final Map<String, Integer> LARGER_PACKAGES = Map.of("cli", 30);
    private static final int START_LINES = 100;

    private static final Path MAIN = Path.of("src/main/java");

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(MAIN)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    @Test
    void filesAreShort() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources()) {
            int lines = Files.readAllLines(file).size();
            if (lines > FILE_LINES) {
                tooLong.add(file + " has " + lines + " lines");
            }
        }
        assertThat(tooLong).isEmpty();
    }

    @Test
    void packagesHoldFewFilesAndLieFlat() throws IOException {
        Map<Path, Long> counts =
                sources().stream().collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));
        counts.forEach((directory, count) -> {
            String name = directory.getFileName().toString();
            assertThat(count).as(name).isLessThanOrEqualTo(LARGER_PACKAGES.getOrDefault(name, PACKAGE_FILES));
            Path place = MAIN.resolve("io/lyftdata").relativize(directory);
            assertThat(place.getNameCount())
                    .as(directory.toString())
                    .isLessThanOrEqualTo(place.startsWith("api") ? 2 : 1);
        });
    }

    @Test
    void methodsAreShortAndConstructorsTakeLittle() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> findings = new ArrayList<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, List.of(), null, files.getJavaFileObjectsFromPaths(sources()));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new Measure(unit, positions, findings).scan(unit, null);
            }
        }
        assertThat(findings).isEmpty();
    }

    private static final class Measure extends TreeScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> findings;
        private boolean inRecord;

        private Measure(CompilationUnitTree unit, SourcePositions positions, List<String> findings) {
            this.unit = unit;
            this.positions = positions;
            this.findings = findings;
        }

        @Override
        public Void visitClass(ClassTree type, Void nothing) {
            boolean outer = inRecord;
            inRecord = type.getKind() == com.sun.source.tree.Tree.Kind.RECORD;
            super.visitClass(type, null);
            inRecord = outer;
            return null;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            String place = unit.getSourceFile().getName() + " " + method.getName();
            long first = unit.getLineMap().getLineNumber(positions.getStartPosition(unit, method));
            long end = positions.getEndPosition(unit, method);
            long lines = end < 0 ? 0 : unit.getLineMap().getLineNumber(end) - first + 1;
            boolean isStart = place.endsWith("ServerApplication.java start");
            boolean isRecordsOwn = inRecord && method.getName().contentEquals("<init>");
            if (lines > (isStart ? START_LINES : METHOD_LINES) && !isRecordsOwn) {
                findings.add(place + " has " + lines + " lines");
            }
            if (method.getName().contentEquals("<init>")
                    && !inRecord
                    && method.getParameters().size() > CONSTRUCTOR_PARAMETERS) {
                findings.add(place + " takes " + method.getParameters().size() + " parameters");
            }
            return super.visitMethod(method, null);
        }
    }
}
