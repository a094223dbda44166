#!/usr/bin/env bash
# LibreOffice Writer and a Chinese font, for the tests that turn documents into pages and draw charts. Debian, as root or with sudo.
set -euo pipefail

missing=()
command -v soffice >/dev/null || missing+=(libreoffice-writer)
fc-list :lang=zh 2>/dev/null | grep -q . || missing+=(fonts-noto-cjk fontconfig)
((${#missing[@]})) || exit 0

sudo=""
((EUID == 0)) || sudo="sudo"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update --quiet
$sudo apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
