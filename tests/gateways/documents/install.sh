#!/usr/bin/env bash
# LibreOffice Writer and a Chinese font, for the tests that turn documents into pages and draw charts.
set -euo pipefail
source "$(dirname "$0")/../../debian.sh"

missing=()
# soffice alone may be Calc, which makes no pages of documents.
{ command -v soffice && ls /usr/lib/libreoffice/program/libswlo.so; } >/dev/null 2>&1 || missing+=(libreoffice-writer)
has_chinese_font || missing+=(fonts-noto-cjk fontconfig)
install_packages "${missing[@]}"
