#!/usr/bin/env bash
# A fleet of simulated workers against a server of its own, on this machine; stops by itself.
# Usage: fleet.sh SCENARIO [OPTION...]     fleet.sh --help tells them; after: mvn test-compile
set -euo pipefail
cd "$(dirname "$0")/../../.."

ulimit -n "$(ulimit -Hn)"
[ target/fleet.classpath -nt pom.xml ] \
  || mvn -q -B dependency:build-classpath -Dmdep.outputFile=target/fleet.classpath -Dmdep.includeScope=test
exec java -Xmx3g -cp "target/classes:target/test-classes:$(cat target/fleet.classpath)" \
  io.lyftdata.simulator.FleetSimulator "$@"
