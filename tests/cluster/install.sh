#!/usr/bin/env bash
# PostgreSQL and Redis for the cluster's tests.
set -euo pipefail
source "$(dirname "$0")/../debian.sh"

missing=()
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
command -v redis-server >/dev/null || missing+=(redis-server)
install_packages "${missing[@]}"
