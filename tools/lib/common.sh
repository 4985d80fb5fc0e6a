# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What tools/run and tools/test share: messages, packages, building. Source it; it runs nothing.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# The command that makes us root: nothing when we are, sudo when it is there.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "cannot run '$*': be root or install sudo"
    fi
}

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# packages_of KIND...: the packages that tools/packages marks with one of these words.
packages_of() {
    local kinds=" $* " kind package
    while read -r kind package; do
        [[ $kind != \#* && $kinds == *" $kind "* ]] && say "$package"
    done <"$root/tools/packages"
    return 0
}

# install_packages KIND...: asks the archive only when something is missing.
install_packages() {
    command -v dpkg-query >/dev/null || fail "needs Debian 12: there is no dpkg here"
    local package missing=()
    while read -r package; do
        is_installed "$package" || missing+=("$package")
    done < <(packages_of "$@")
    [ ${#missing[@]} -eq 0 ] && return 0
    say "installing: ${missing[*]}"
    as_root apt-get update -qq || fail "apt-get update failed: is the network up?"
    # The variable goes through env because sudo drops the environment.
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq --no-install-recommends -y "${missing[@]}" >/dev/null ||
        fail "apt-get could not install: ${missing[*]}"
}

# In the tree, unless CCACHE_DIR names a cache that several clones share; paths do not count then.
use_ccache() {
    export CCACHE_DIR=${CCACHE_DIR:-$root/build/.ccache}
    export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
    export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
}

# build PRESET [TARGET...]: configures and builds it, or those targets of it, into build/PRESET.
build() {
    local preset=$1
    shift
    cmake --preset "$preset" -S "$root" >"$root/build/configure-$preset.log" 2>&1 || {
        cat "$root/build/configure-$preset.log"
        return 1
    }
    ninja -C "$root/build/$preset" -j "$(nproc)" "$@"
}
