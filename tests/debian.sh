# Sourced by the install.sh of a suite: packages of Debian or Ubuntu, as root or with sudo.

# A font the charts are drawn with: Debian may bring along one that merely has some Chinese characters.
has_chinese_font() {
  fc-list : family 2>/dev/null | grep -Eq "Noto Sans (CJK )?SC|Source Han Sans SC|WenQuanYi"
}

install_packages() {
  (($#)) || return 0
  local sudo=()
  ((EUID == 0)) || sudo=(sudo)
  "${sudo[@]}" apt-get update --quiet
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "$@"
}
