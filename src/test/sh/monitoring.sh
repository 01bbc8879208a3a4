#!/usr/bin/env bash
# Whether Prometheus takes docs/monitoring as it stands: the rules and what they say of given samples, the scrape
# configuration, and the dashboard as JSON. Needs promtool and jq (Debian: prometheus, jq).
set -euo pipefail
cd "$(dirname "$0")/../../../docs/monitoring"
promtool check rules alerts.yml
promtool test rules alerts-test.yml
promtool check config --syntax-only prometheus.yml
jq -e '.panels | length > 0 and all(.targets | length > 0)' dashboard.json >/dev/null
echo "docs/monitoring is sound"
