#!/usr/bin/env bash
# README's two commands on a bare Debian: git, make, gcc and Python with its headers, and nothing else.
#
#   tools/bare.sh                        what is committed: make decide, then make test
#   tools/bare.sh 'make .venv && ...'    another command, in the clone
#
# It makes a Debian of its own in a folder (debootstrap, from the package sources of this machine) and runs a fresh
# clone in it, so that no library, font or browser that somebody once installed here can help. The folder is kept for
# the next time: BARE_ROOT, or bare-debian below TMPDIR. BARE_SUITE names another Debian, with another Python: trixie.
set -euo pipefail

left_out() {
  printf 'LEFT OUT: the bare machine. %s\n  help: %s\n' "$1" "$2" >&2
  exit 0
}

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
suite=${BARE_SUITE:-$(. /etc/os-release && echo "${VERSION_CODENAME:-}")}
root=${BARE_ROOT:-${TMPDIR:-/tmp}/bare-debian}${BARE_SUITE:+-$BARE_SUITE}

[ "$(id -u)" = 0 ] || left_out "Only root can make one." "Run it as root, on a Debian."
unshare --mount true 2>/dev/null || left_out "This machine lets nobody mount a folder." "Run it where root may mount."

# One at a time: the next would take the clone away.
exec 9>"$root.lock"
flock 9

if [ ! -e "$root/.made" ]; then
  mirror=$(apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -v security | head -n 1 || true)
  [ -n "$mirror" ] || left_out "No package source of a Debian is set here." "Run it on a Debian."
  if ! command -v debootstrap >/dev/null; then
    echo "Installing debootstrap"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap; } >/dev/null 2>&1 \
      || left_out "debootstrap is not here, and cannot be installed." "apt-get install debootstrap"
  fi
  echo "Making a bare Debian $suite in $root"
  rm -rf --one-file-system "$root"
  mkdir -p "$root"
  debootstrap --variant=minbase \
    --include=git,make,gcc,libc6-dev,python3,python3-dev,python3-venv,ca-certificates \
    "$suite" "$root" "$mirror" >"$root.log" 2>&1 \
    || { tail -n 5 "$root.log" >&2; left_out "debootstrap could not make it." "Read $root.log."; }
  touch "$root/.made"
fi

# The ways to the package registries, as this machine has them: pip's settings with the files that they name, and the
# certificates.
settings=$(
  {
    python3 -m pip config debug | sed -nE 's/^ *(.*), exists: True$/\1/p'
    python3 -m pip config list | grep -oE "(file://)?/[^' ]+" | sed 's#^file://##; s#/simple/*$##'
  } 2>/dev/null | sort -u || true
)
for path in $settings /etc/ssl /usr/local/share/ca-certificates /etc/resolv.conf /etc/hosts; do
  if [ -e "$path" ]; then
    rm -rf --one-file-system "${root:?}$path"
    mkdir -p "$root$(dirname "$path")"
    cp -aL "$path" "$root$path" 2>/dev/null || cp -a "$path" "$root$path"
  fi
done

clone=/srv/project
rm -rf --one-file-system "${root:?}$clone"
git -c advice.detachedHead=false clone --quiet "$checkout" "$root$clone"

mapfile -t ways < <(env | grep -E '^(PIP_|SSL_|REQUESTS_CA|CURL_CA|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY)' || true)
# Mounts are seen by this command alone, so that nothing stays mounted however it ends.
mounted='set -e; for one in proc dev; do mount --rbind "/$one" "$0/$one"; done; exec chroot "$0" "$@"'
inside() {
  unshare --mount bash -c "$mounted" "$root" /usr/bin/env -i \
    HOME=/root PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 "${ways[@]}" bash -c "cd $clone && $1"
}

if [ $# -gt 0 ]; then
  inside "$*"
  exit
fi
echo "On a bare Debian $suite, $(inside 'python3 --version'): make decide"
inside 'make decide >/tmp/decide.log 2>&1 || { tail -n 20 /tmp/decide.log >&2; exit 1; }; tail -n 1 /tmp/decide.log'
echo "On a bare Debian $suite: make test"
inside 'make test 2>&1'
