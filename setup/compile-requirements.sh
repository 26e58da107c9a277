#!/usr/bin/env bash
# Pins requirements/*.in with hashes into *.txt. Versions stay as they are unless UPGRADE is set:
#   make requirements                    pin what an .in file newly asks for
#   make requirements UPGRADE=all        newest of everything
#   make requirements UPGRADE=pypdfium2  newest of one
set -euo pipefail
cd "$(dirname "$0")/.."
export UV_CACHE_DIR="$PWD/.tools/cache" UV_PYTHON_DOWNLOADS=never UV_CUSTOM_COMPILE_COMMAND="make requirements"
unset UV_FIND_LINKS

upgrade=()
case ${UPGRADE:-} in
    "") ;;
    all) upgrade=(--upgrade) ;;
    *) upgrade=(--upgrade-package "$UPGRADE") ;;
esac

for name in run test build tools rapidocr; do
    .tools/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links ${upgrade[@]+"${upgrade[@]}"} \
        "requirements/$name.in" -o "requirements/$name.txt" </dev/null
done
