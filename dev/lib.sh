# shellcheck shell=bash
# What every script in this directory begins with: where the project is, and the Debian packages that
# must be there. All the rest is Python (dev/world); this part is not, because python3 may be missing.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
PYTHON=/usr/bin/python3 # Debian's own: servers under unprivileged users can run it, a pyenv below /root they can't
PATH="$PATH:$HOME/.cargo/bin"

# have_file PATTERN: is there a file of that (unquoted) pattern?
have_file() { compgen -G "$1" >/dev/null; }

# missing_packages: one a line, told by files rather than by dpkg, so that a server from elsewhere counts too.
missing_packages() {
  have_file "/usr/lib/postgresql/*/bin/initdb" || echo postgresql
  have_file "/usr/lib/postfix/sbin/master" || echo postfix
  have_file "/usr/lib*/dovecot/imap" || echo dovecot-imapd
  have_file "/usr/lib*/dovecot/lmtp" || echo dovecot-lmtpd
  have_file "/etc/ssl/certs/ca-certificates.crt" || echo ca-certificates
  command -v openssl >/dev/null || echo openssl
  [ -x /usr/sbin/pgbouncer ] || echo pgbouncer
  if [ ! -x "$PYTHON" ]; then
    printf '%s\n' python3 python3-venv
  elif ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    echo python3-venv
  fi
  command -v cc >/dev/null || printf '%s\n' gcc libc6-dev make cmake pkg-config
  # Without root, Postfix runs under fakeroot.
  [ "$(id -u)" = 0 ] || command -v fakeroot >/dev/null || echo fakeroot
}

# install_packages NAME...: as root. Nothing that is installed is started, now or at the next boot, and
# nothing that was there before is touched.
install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  local policy=/usr/sbin/policy-rc.d log unit
  local -a units=()
  log=$(mktemp)
  if [ ! -e "$policy" ]; then
    # shellcheck disable=SC2064 # the path is meant as it is now
    trap "rm -f '$policy'" EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  for unit in "$@"; do
    case $unit in
    postgresql | postfix | pgbouncer | patroni | haproxy) units+=("$unit.service") ;;
    etcd-server) units+=(etcd.service) ;;
    dovecot-imapd) [ -e /usr/sbin/dovecot ] || units+=(dovecot.service dovecot.socket) ;;
    esac
  done
  case " $* " in *" postfix "*)
    # Debian would make an "Internet Site" of this machine.
    echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections 2>/dev/null || true ;;
  esac
  if ! { apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@"; } </dev/null >"$log" 2>&1; then
    # The mirrors' addresses are nobody's business.
    sed -E 's#[a-z]+://[^ ]*#(mirror)#g' "$log" | tail -n 20 >&2
    echo "could not install: $*" >&2
    return 1
  fi
  rm -f "$log"
  if [ ${#units[@]} -gt 0 ] && [ -d /run/systemd/system ]; then
    systemctl -q disable "${units[@]}" 2>/dev/null || true
  fi
}

# need_packages [LIST]: installs what is missing, or says what and stops. LIST is a function like missing_packages.
need_packages() {
  local -a missing
  mapfile -t missing < <("${1:-missing_packages}")
  [ ${#missing[@]} -gt 0 ] || return 0
  local began=$SECONDS
  if [ "$(id -u)" != 0 ] && ! { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }; then
    echo "These Debian packages are missing, and there is neither root nor sudo to install them:" >&2
    echo "  ${missing[*]}" >&2
    exit 1
  fi
  echo "installing Debian packages: ${missing[*]} (a minute or two)"
  if [ "$(id -u)" = 0 ]; then
    (install_packages "${missing[@]}")
  else
    sudo bash -c "$(declare -f install_packages); set -euo pipefail; install_packages \"\$@\"" bash "${missing[@]}"
  fi
  echo "installed in $((SECONDS - began)) s"
}

# world VERB...: goes on as the Python part.
world() {
  export PYTHONPATH="$ROOT/dev" PYTHONDONTWRITEBYTECODE=1
  exec "$PYTHON" -m world "$@"
}
