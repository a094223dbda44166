#!/usr/bin/env bash
# Installs Postfix and Dovecot from Debian or Ubuntu for the tests, which start private instances of their own.
# The machine's own services are neither started nor enabled, and nothing is done where both are there already.
set -euo pipefail

PATH="$PATH:/usr/sbin:/usr/local/sbin"
missing=()
command -v postfix >/dev/null || missing+=(postfix)
[[ -e /usr/lib/dovecot/imap || -e /usr/libexec/dovecot/imap ]] || missing+=(dovecot-core dovecot-imapd)
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
  echo "未找到 apt-get：请自行安装 Postfix 和 Dovecot，否则相关测试会跳过" >&2
  echo "No apt-get here: install Postfix and Dovecot yourself, or the tests that need them are skipped" >&2
  exit 0
fi
sudo=()
((EUID == 0)) || sudo=(sudo --non-interactive)
if ! "${sudo[@]}" true 2>/dev/null; then
  echo "安装 Postfix 和 Dovecot 需要 root 权限，请运行 sudo make test-mail；现在相关测试会跳过" >&2
  echo "Installing Postfix and Dovecot needs root (sudo make test-mail); the tests that need them are skipped" >&2
  exit 0
fi

policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap '"${sudo[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
  "${sudo[@]}" chmod 755 "$policy"
fi
echo "postfix postfix/main_mailer_type select No configuration" | "${sudo[@]}" debconf-set-selections
"${sudo[@]}" apt-get update --quiet
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
if command -v systemctl >/dev/null; then
  for package in "${missing[@]}"; do
    case $package in postfix) service=postfix ;; dovecot-core) service=dovecot ;; *) continue ;; esac
    "${sudo[@]}" systemctl disable --quiet "$service.service" 2>/dev/null || true
  done
fi
