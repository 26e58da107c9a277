#!/usr/bin/env bash
# Sees to it that the Debian packages of setup/debian-*.txt are there.
#   install-programs.sh run|test [MORE-PACKAGES...]
# As root it installs what is missing; otherwise it says the one command to run, and stops.
# Where there is no dpkg it checks for the programs themselves.
set -euo pipefail
cd "$(dirname "$0")/.."

level=$1
shift
lists=(setup/debian-run.txt)
[ "$level" = test ] && lists+=(setup/debian-test.txt)

installed() { # is one of the alternatives a|b installed?
    local one
    for one in ${1//|/ }; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$one" 2>/dev/null)" = installed ] && return 0
    done
    return 1
}

offered() { # the first of the alternatives that the package lists know
    local one policy
    for one in ${1//|/ }; do
        # Not through a pipe: grep -q ends at the first match, and apt-cache would then fail for want of a reader.
        policy=$(apt-cache policy "$one" 2>/dev/null)
        [[ $policy =~ "Candidate: "[^\(] ]] && { echo "$one"; return 0; }
    done
    return 1
}

if ! command -v dpkg-query >/dev/null 2>&1; then
    missing=()
    for program in tesseract bwrap; do
        command -v "$program" >/dev/null 2>&1 || missing+=("$program")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        echo "This is not Debian or Ubuntu, so nothing was installed. Not found: ${missing[*]}." >&2
        echo "Next: see \"Other systems\" in README.md. The rest of the set-up goes on." >&2
    fi
    exit 0
fi

missing=()
for package in $(sed 's/#.*//' "${lists[@]}") "$@"; do
    installed "${package%\?}" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

root=false
[ "$(id -u)" -eq 0 ] && root=true
mkdir -p .tools
log=.tools/debian.log
if $root; then
    echo "Installing from Debian: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    if ! apt-get -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 </dev/null; then
        tail -n 5 "$log" >&2
        echo "The package lists could not be refreshed (all of it: $log). Going on with those at hand." >&2
    fi
fi

wanted=()
for package in "${missing[@]}"; do
    name=${package%\?}
    if choice=$(offered "$name"); then
        wanted+=("$choice")
    elif [ "$name" = "$package" ]; then
        wanted+=("${name%%|*}")
    else
        echo "$name is not offered for this system; the tests that need it will say so and be skipped." >&2
    fi
done
[ ${#wanted[@]} -eq 0 ] && exit 0

if ! $root; then
    echo "Some packages are missing. Run this once, then the same make command again:" >&2
    echo >&2
    echo "    sudo apt-get update && sudo apt-get install --no-install-recommends -y ${wanted[*]}" >&2
    echo >&2
    exit 1
fi
if ! apt-get -o DPkg::Lock::Timeout=300 install --no-install-recommends -y "${wanted[@]}" >>"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    echo "Installing failed (all of it: $log). Next: mend what it says, then run make again." >&2
    exit 1
fi
