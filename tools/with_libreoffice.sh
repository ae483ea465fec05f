#!/usr/bin/env bash
# Runs a command that needs LibreOffice. Installs Debian's package where it may; elsewhere says what is left out.
set -euo pipefail
if ! command -v soffice >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "Installing LibreOffice Calc"
  apt-get update -qq || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libreoffice-calc-nogui >/dev/null || true
fi
if ! command -v soffice >/dev/null; then
  echo "LEFT OUT: workbooks worked out again. There is no LibreOffice here, and it cannot be installed." >&2
  echo "  help: Install the package libreoffice-calc-nogui, then run this again." >&2
  exit 0
fi
exec "$@"
