#!/usr/bin/env bash
# Chromium and a Chinese font, for the tests that drive the desk in a browser. Debian, as root or with sudo.
set -euo pipefail

missing=()
command -v chromium >/dev/null || missing+=(chromium)
fc-list :lang=zh 2>/dev/null | grep -q . || missing+=(fonts-noto-cjk fontconfig)
((${#missing[@]})) || exit 0

sudo=""
((EUID == 0)) || sudo="sudo"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update --quiet
$sudo apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
