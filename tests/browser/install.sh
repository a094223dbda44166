#!/usr/bin/env bash
# Chromium and a Chinese font, for the tests that drive the desk in a browser. Debian, as root or with sudo.
set -euo pipefail

missing=()
command -v chromium >/dev/null || missing+=(chromium)
# A font the charts are drawn with: Debian may bring along one that merely has some Chinese characters.
fc-list : family 2>/dev/null | grep -Eq "Noto Sans (CJK )?SC|Source Han Sans SC|WenQuanYi" || missing+=(fonts-noto-cjk fontconfig)
((${#missing[@]})) || exit 0

sudo=""
((EUID == 0)) || sudo="sudo"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update --quiet
$sudo apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
