#!/usr/bin/env bash
# Chromium and a Chinese font, for the tests that drive the desk in a browser.
set -euo pipefail
source "$(dirname "$0")/../debian.sh"

missing=()
command -v chromium >/dev/null || missing+=(chromium)
has_chinese_font || missing+=(fonts-noto-cjk fontconfig)
install_packages "${missing[@]}"
