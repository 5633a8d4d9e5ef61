# What the scripts beside this file need on a fresh Debian 12 with Swift 6.3. Sourced, never run.
# Everything here says what it installs and is quick when all is there.

set -euo pipefail
package=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# The versions of the executor that loopsync is tested beside: A it was specified from, B is what pip installs today.
executor_a=1.52.0
executor_b=1.167.0

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
fail() { say "$*"; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else fail "needs root for: $*  (no sudo here; run that as root, then this again)"
    fi
}

# Installs the Debian packages that are missing.
need_packages() {
    local missing=() name
    for name in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null)" = "ii " ] || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing from Debian: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2 </dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2 </dev/null
}

need_swift() {
    if ! command -v swift >/dev/null && [ -x /opt/swift/usr/bin/swift ]; then PATH=$PATH:/opt/swift/usr/bin; fi
    command -v swift >/dev/null \
        || fail "swift is not on the PATH. Install the Swift 6.3 toolchain (https://swift.org/install/linux), then run this again"
}

# What compiling loopsync needs: the headers of the watching library, of SQLite and of nettle, and git for SwiftPM.
need_build_tools() {
    need_swift
    need_packages libinotifytools0-dev libsqlite3-dev nettle-dev git ca-certificates
}

# need_executor NAME VERSION: little-loops of that version in .build/executors/NAME, a Python environment of its own.
need_executor() {
    local home=$package/.build/executors/$1 version=$2 have
    have=$("$home/bin/python" -c 'import importlib.metadata as m; print(m.version("little-loops"))' 2>/dev/null || true)
    # A script of a moved environment still names the old place in its first line.
    if [ "$have" = "$version" ] && head -n 1 "$home/bin/ll-loop" 2>/dev/null | grep -qF "$home/"; then return 0; fi
    need_packages python3 python3-venv
    say "installing from PyPI: little-loops==$version into .build/executors/$1"
    mkdir -p "${home%/*}"
    /usr/bin/python3 -m venv --clear "$home"
    "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "little-loops==$version" >&2 </dev/null
}

need_executors() {
    need_executor a "$executor_a"
    need_executor b "$executor_b"
}
