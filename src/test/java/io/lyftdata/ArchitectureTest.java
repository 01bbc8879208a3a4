package io.lyftdata;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.dropwizard.auth.Auth;
import io.lyftdata.auth.Allowed;
import io.lyftdata.auth.Open;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house's walls: which package may use which, and what may stand where. */
class ArchitectureTest {
    /** A package uses only packages that stand behind it here. */
    private static final List<String> ORDER = List.of(
            "cli",
            "terminal",
            "server",
            "agent",
            "telemetry",
            "report",
            "incident",
            "evidence",
            "restore",
            "backup",
            "snapshot",
            "archive",
            "metrics",
            "logs",
            "fleet",
            "enrollment",
            "heartbeat",
            "rotation",
            "apikey",
            "certificate",
            "authority",
            "clone",
            "worker",
            "account",
            "token",
            "allowlist",
            "settings",
            "host",
            "lockdown",
            "chain",
            "posture",
            "audit",
            "ledger",
            "syslog",
            "staging",
            "client",
            "db",
            "monitoring",
            "http",
            "auth",
            "crypto",
            "config",
            "api");

    private static final Set<String> OUTER = Set.of("api", "client", "config", "crypto", "syslog");
    private static final Set<String> INTO_SERVER = Set.of("ServerCommand", "CheckCommand", "BackupCommand");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test"))
            .importPackages("io.lyftdata");

    private static String packageOf(JavaClass type) {
        return type.getPackageName().replaceFirst("^io\\.lyftdata\\.?", "").replaceFirst("\\..*", "");
    }

    @Test
    void everyPackageHasItsPlace() {
        Set<String> packages = CLASSES.stream()
                .map(ArchitectureTest::packageOf)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
        assertThat(ORDER).containsAll(packages);
    }

    @Test
    void packagesUseOnlyThoseBelowThem() {
        classes().should(new UseOnlyPackagesBelow()).check(CLASSES);
    }

    @Test
    void workerAndCommandLineReachNoFeature() {
        noClasses()
                .that()
                .resideInAPackage("io.lyftdata.agent")
                .should()
                .dependOnClassesThat(resideInAPackage("io.lyftdata..")
                        .and(not(resideInAnyPackage(packages(OUTER, "agent", "telemetry")))))
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.lyftdata.telemetry")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.lyftdata..").and(not(resideInAnyPackage(packages(OUTER, "telemetry")))))
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.lyftdata.terminal")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.lyftdata..").and(not(resideInAnyPackage(packages(OUTER, "terminal")))))
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.lyftdata.cli")
                .and(new DescribedPredicate<>("may not enter the server") {
                    @Override
                    public boolean test(JavaClass type) {
                        String outermost =
                                type.getName().replaceFirst("\\$.*", "").replaceFirst(".*\\.", "");
                        return !INTO_SERVER.contains(outermost);
                    }
                })
                .should()
                .dependOnClassesThat(resideInAPackage("io.lyftdata..")
                        .and(not(resideInAnyPackage(packages(OUTER, "cli", "terminal", "agent")))))
                .check(CLASSES);
    }

    private static String[] packages(Set<String> names, String... more) {
        return Stream.concat(names.stream(), Arrays.stream(more))
                .map(name -> "io.lyftdata." + name + "..")
                .toArray(String[]::new);
    }

    @Test
    void daosStayInTheirPackage() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Dao")
                .should()
                .bePackagePrivate()
                .check(CLASSES);
    }

    @Test
    void bouncyCastleLivesInCryptoOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.lyftdata.crypto")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bouncycastle..")
                .check(CLASSES);
    }

    @Test
    void timeComesFromAClockAndRandomnessFromCrypto() {
        noClasses().should().callMethod(Instant.class, "now").check(CLASSES);
        noClasses().should().callMethod(System.class, "currentTimeMillis").check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage("io.lyftdata.terminal")
                .should()
                .callMethod(Clock.class, "systemUTC")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage("io.lyftdata.crypto")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(SecureRandom.class, java.util.Random.class)
                .check(CLASSES);
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
    }

    @Test
    void everyRouteNamesItsCallerOrSaysWhyItIsOpen() {
        methods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .areAnnotatedWith(jakarta.ws.rs.Path.class)
                .should(new NameTheCaller())
                .check(CLASSES);
    }

    @Test
    void namesSayWhatAThingIs() {
        classes()
                .should()
                .haveNameNotMatching(".*(Manager|Util|Utils|Helper|Impl|Base|Common)(\\$.*)?")
                .check(CLASSES);
    }

    private static final class UseOnlyPackagesBelow extends ArchCondition<JavaClass> {
        private UseOnlyPackagesBelow() {
            super("use only packages below");
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            int own = ORDER.indexOf(packageOf(type));
            type.getDirectDependenciesFromSelf().stream()
                    .filter(use -> use.getTargetClass().getPackageName().startsWith("io.lyftdata"))
                    .filter(use -> ORDER.indexOf(packageOf(use.getTargetClass())) < own)
                    .forEach(use -> events.add(SimpleConditionEvent.violated(type, use.getDescription())));
        }
    }

    private static final class NameTheCaller extends ArchCondition<JavaMethod> {
        private NameTheCaller() {
            super("have @Open, or @Allowed and a parameter with @Auth");
        }

        @Override
        public void check(JavaMethod method, ConditionEvents events) {
            boolean isRoute = method.getAnnotations().stream()
                    .anyMatch(
                            annotation -> annotation.getRawType().isMetaAnnotatedWith(jakarta.ws.rs.HttpMethod.class));
            boolean named = method.isAnnotatedWith(Allowed.class)
                    && method.getParameters().stream().anyMatch(parameter -> parameter.isAnnotatedWith(Auth.class));
            if (isRoute && !named && !method.isAnnotatedWith(Open.class)) {
                events.add(SimpleConditionEvent.violated(method, method.getFullName() + " names no caller"));
            }
        }
    }
}
