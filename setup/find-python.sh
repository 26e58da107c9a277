#!/usr/bin/env bash
# Prints the Python that muniment is set up with: the first of 3.13, 3.12, 3.11 on PATH that starts.
# PYTHON=/path/to/python3 chooses another. A name on PATH is tried, not trusted: version managers
# leave names behind that only say "not found".
set -euo pipefail

suitable='
import sys
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(1)
print(sys.executable)
'

for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    while IFS= read -r candidate; do
        if found=$(env -u PYTHONHOME -u PYTHONPATH "$candidate" -c "$suitable" 2>/dev/null </dev/null); then
            printf '%s\n' "$found"
            exit 0
        fi
    done < <(type -aP "$name" || true)
done

if [ -n "${PYTHON:-}" ]; then
    echo "PYTHON=$PYTHON is not a Python from 3.11 to 3.13." >&2
else
    echo "No Python from 3.11 to 3.13 was found on PATH." >&2
fi
echo "Next: install one (Debian and Ubuntu: sudo apt-get install python3 python3-venv), or name it: make setup PYTHON=/path/to/python3.12" >&2
exit 1
