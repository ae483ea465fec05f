#!/usr/bin/env bash
# Runs a command that needs Chromium. Installs Debian's package where it may; elsewhere says what is left out.
set -euo pipefail
if ! command -v chromium >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "Installing Chromium"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
fi
if ! command -v chromium >/dev/null; then
  echo "LEFT OUT: the tests that need a browser. There is no Chromium here, and it cannot be installed." >&2
  echo "  help: Install the package chromium, then run this again." >&2
  exit 0
fi
exec "$@"
