#!/usr/bin/env bash
# Makes this checkout ready to run (`prepare.sh run`) or to test (`prepare.sh test`).
# Everything lands inside the checkout: uv and its cache in .tools/, the packages in .venv/. HOME is
# not touched. What is done is remembered in stamps named for what was asked, so that a second run
# takes a moment. Certificates and the package index come from the environment, as for any pip or uv.
set -euo pipefail
cd "$(dirname "$0")/.."

level=${1:-run}
case $level in run | test) ;; *) echo "usage: prepare.sh run|test" >&2; exit 2 ;; esac

# What somebody else's environment may hold that would send the packages somewhere else.
unset PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE PIP_FIND_LINKS PIP_TARGET PIP_PREFIX PIP_USER
unset PIP_REQUIRE_VIRTUALENV UV_FIND_LINKS UV_SYSTEM_PYTHON UV_PYTHON UV_TARGET UV_PREFIX VIRTUAL_ENV
export UV_CACHE_DIR="$PWD/.tools/cache" UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=${UV_LINK_MODE:-hardlink}

digest() { cat "$@" | cksum | tr -d ' '; }
requirements=(-r requirements/run.txt)
files=(requirements/run.txt requirements/build.txt pyproject.toml)
if [ "$level" = test ]; then
    requirements+=(-r requirements/test.txt)
    files+=(requirements/test.txt)
fi
tools_stamp=.tools/uv-pinned-$(digest requirements/tools.txt)
venv_stamp=.venv/muniment-$level-$(digest "${files[@]}")
place=$PWD

python=$(bash setup/find-python.sh)
more=()
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null && [ ! -e "$tools_stamp" ]; then
    more+=("$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
fi
bash setup/install-programs.sh "$level" ${more[@]+"${more[@]}"}

# A checkout that was moved, or whose Python is gone, starts over: installed scripts hold their path.
if [ -e .tools/place ] && [ "$(cat .tools/place)" != "$place" ]; then
    rm -rf .tools .venv
fi

if [ ! -e "$tools_stamp" ] || ! .tools/uv/bin/uv --version >/dev/null 2>&1; then
    echo "Setting up uv in .tools"
    rm -f .tools/uv-pinned-*
    if ! "$python" -m venv --clear .tools/uv; then
        echo "$python could not make a private environment. Next: install its venv and ensurepip modules (Debian: python3-venv), then run make again." >&2
        exit 1
    fi
    .tools/uv/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: --no-deps -r requirements/tools.txt </dev/null
    echo "$place" >.tools/place
    touch "$tools_stamp"
fi

if ! .venv/bin/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
    .tools/uv/bin/uv venv --quiet --clear --no-project --python "$python" .venv
fi
if [ ! -e "$venv_stamp" ]; then
    echo "Installing the pinned packages in .venv ($level)"
    # run.txt is wheels alone, so that nothing of a package runs while it is installed; what a test
    # package is built with is pinned in build.txt.
    rm -f .venv/muniment-"$level"-*
    .tools/uv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes --compile-bytecode \
        --only-binary :all: -r requirements/run.txt </dev/null
    if [ "$level" = test ]; then
        .tools/uv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes --compile-bytecode \
            --build-constraints requirements/build.txt "${requirements[@]}" </dev/null
    fi
    .tools/uv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --no-index \
        -e . </dev/null
    touch "$venv_stamp"
fi
# The start of every command is faster with its bytecode at hand.
.venv/bin/python -m compileall -q src
