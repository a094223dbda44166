#!/usr/bin/env bash
# Java, for the tests of the screening rules on Spark.
set -euo pipefail
source "$(dirname "$0")/../../debian.sh"

missing=()
command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
install_packages "${missing[@]}"
