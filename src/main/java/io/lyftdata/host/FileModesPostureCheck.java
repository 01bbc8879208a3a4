package io.lyftdata.host;

import io.lyftdata.api.posture.Severity;
import io.lyftdata.posture.Finding;
import io.lyftdata.posture.PostureCheck;
import io.lyftdata.posture.Rule;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Modes and owners of the directories with the server's data, and in the staging directory. */
public final class FileModesPostureCheck implements PostureCheck {
    private static final Rule RULE = new Rule(
            "file-modes",
            Severity.HIGH,
            "Mode and owner of the staging directory, and of what lies in it and in its directories (what lies deeper is"
                    + " closed by them): rights of group or world, and another owner than the staging directory's, are"
                    + " findings; so is a link. Of `backup.directory` and `backup.copies` elsewhere, the directories"
                    + " themselves, which may be root's too.",
            "“Run server and workers as dedicated service accounts with isolated data directories.” CIS: the data of a"
                    + " service belongs to its account and to nobody else.",
            "Run the `chmod` or `chown` that the finding names.");

    private static final int DEPTH = 2;
    private static final int OTHERS = 0077;

    private final Path staging;
    private final List<Path> outside;

    /** @param outside directories of backups; where one is missing, nothing lies */
    public FileModesPostureCheck(Path staging, List<Path> outside) {
        this.staging = staging;
        this.outside = outside;
    }

    @Override
    public Rule rule() {
        return RULE;
    }

    @Override
    public List<Finding> find() throws IOException {
        List<Finding> findings = new ArrayList<>();
        int owner = (Integer) Files.getAttribute(staging, "unix:uid");
        Files.walkFileTree(staging, EnumSet.noneOf(FileVisitOption.class), DEPTH, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes basic) throws IOException {
                return visitFile(path, basic);
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes basic) throws IOException {
                judge(path, owner).ifPresent(findings::add);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                findings.add(judge(path, owner).orElseThrow(() -> failure));
                return FileVisitResult.CONTINUE;
            }
        });
        for (Path directory : outside) {
            if (Files.isDirectory(directory)) {
                judgeOutside(directory.toRealPath(), owner).ifPresent(findings::add);
            }
        }
        findings.sort(Comparator.comparing(Finding::subject));
        return findings;
    }

    /** A mount point is often root's, who can read all files anyway. */
    private static Optional<Finding> judgeOutside(Path directory, int owner) throws IOException {
        boolean isOfRoot = Files.getAttribute(directory, "unix:uid").equals(0);
        return judge(directory, isOfRoot ? 0 : owner);
    }

    private static Optional<Finding> judge(Path path, int owner) throws IOException {
        try {
            Map<String, Object> facts = Files.readAttributes(path, "unix:mode,uid", LinkOption.NOFOLLOW_LINKS);
            return judge(path, (Integer) facts.get("mode"), (Integer) facts.get("uid"), owner);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static Optional<Finding> judge(Path path, int mode, int uid, int owner) throws IOException {
        String subject = path.toString();
        if ((mode & 0170000) == 0120000) {
            return Optional.of(new Finding(
                    subject,
                    "it is a link, so the server's data may lie elsewhere",
                    unlink(path) + "; stop the server before"));
        }
        if (uid != owner) {
            return Optional.of(new Finding(
                    subject,
                    "it belongs to user " + uid + ", the staging directory to user " + owner,
                    "chown " + owner + " " + Finding.word(path)));
        }
        if ((mode & OTHERS) != 0) {
            return Optional.of(new Finding(
                    subject,
                    String.format("group or world can reach it (mode %04o)", mode & 07777),
                    (Files.isDirectory(path) ? "chmod 700 " : "chmod 600 ") + Finding.word(path)));
        }
        return Optional.empty();
    }

    private static String unlink(Path link) throws IOException {
        String remove = "rm " + Finding.word(link);
        return Files.exists(link)
                ? remove + " && cp -a " + Finding.word(link.toRealPath()) + " " + Finding.word(link)
                : remove;
    }
}
