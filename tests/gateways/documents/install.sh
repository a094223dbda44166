#!/usr/bin/env bash
# LibreOffice Writer and a Chinese font, for the tests that turn documents into pages and draw charts. Debian, as root or with sudo.
set -euo pipefail

missing=()
# soffice alone may be Calc, which makes no pages of documents.
{ command -v soffice && ls /usr/lib/libreoffice/program/libswlo.so; } >/dev/null 2>&1 || missing+=(libreoffice-writer)
# A font the charts are drawn with: Debian may bring along one that merely has some Chinese characters.
fc-list : family 2>/dev/null | grep -Eq "Noto Sans (CJK )?SC|Source Han Sans SC|WenQuanYi" || missing+=(fonts-noto-cjk fontconfig)
((${#missing[@]})) || exit 0

sudo=""
((EUID == 0)) || sudo="sudo"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update --quiet
$sudo apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
