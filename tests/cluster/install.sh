#!/usr/bin/env bash
# PostgreSQL and Redis for the cluster's tests. Debian, as root or with sudo.
set -euo pipefail

missing=()
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
command -v redis-server >/dev/null || missing+=(redis-server)
((${#missing[@]})) || exit 0

sudo=""
((EUID == 0)) || sudo="sudo"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update --quiet
$sudo apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
