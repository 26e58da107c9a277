"""From a custodian's folder and the printed recovery identity to every original, with no muniment anywhere.

Only what docs/formats says, by `age`, coreutils, grep and sed, and a plain Python for JSON; nothing in the
environment, an empty home.
"""

import shutil
import subprocess

import pytest
from tests.verbs.copies import papers

from muniment.verbs.case import Case

pytestmark = pytest.mark.journey

CHECK = r"""
set -eu
cd "$COPY"
grep -oE '"[^"]+":"[0-9a-f]{128}"' COPY.json | grep -v '^"check"' | grep -E '^"[^"]*[/.]' |
    sed -E 's/"(.*)":"(.*)"/\2  \1/' | sha512sum -c --quiet
grep -oE '"[a-z0-9]{8,64}":"[0-9a-f]{128}"' COPY.json | grep -v '^"check"' |
    sed -E 's/"(.*)":"(.*)"/\2  vault\/\1\/inventory.json/' | sha512sum -c --quiet
for object in vault/*/; do
    cd "$COPY/$object"
    sha512sum -c --quiet inventory.json.sha512
    cmp inventory.json v1/inventory.json
    grep -oE '"[0-9a-f]{128}":\["v1/content/[^"]+"' inventory.json |
        sed -E 's/"([0-9a-f]+)":\["(.*)"/\1  \2/' | sha512sum -c --quiet
done
"""

RESTORE = r"""
set -eu
age -d -i "$RECOVERY" "$COPY/keys/recovery.age" > bundle.json
"$PYTHON" -I -c 'import json; print(json.load(open("bundle.json"))["identity"])' > key.txt
for object in "$COPY"/vault/*/; do
    age -d -i key.txt "$object/v1/content/manifest.age" > manifest.json
    "$PYTHON" -I -c '
import json
manifest = json.load(open("manifest.json"))
for f in manifest["files"] if manifest.get("kind") != "pages" else ():
    print(f["content"], f["size"], f["sha512"], f["reference"].replace("/", "-"))' > list.txt
    while read -r name size sha512 reference; do
        age -d -i key.txt "$object/v1/content/$name" | head -c "$size" > "$reference"
        echo "$sha512  $reference" | sha512sum -c --quiet
    done < list.txt
done
"""


@pytest.fixture
def lost(tmp_path):
    """A custodian's folder and a printed recovery identity; the machine with the case is gone."""
    case, recovery = Case.new(tmp_path / "harbour", "bakoti rumesa dilovu hasita goluve")
    with case:
        case.add([papers(tmp_path / "leak")])
        (tmp_path / "leak" / "empty.txt").touch()
        case.add([papers(tmp_path / "more", seed=20), tmp_path / "leak" / "empty.txt"])
        case.copy(tmp_path / "stick")
    case.lock()
    shutil.rmtree(tmp_path / "harbour.muniment")
    (tmp_path / "recovery.txt").write_text(recovery + "\n")
    return tmp_path


def test_every_original_comes_back_verified(lost):
    age, python = shutil.which("age"), "/usr/bin/python3"
    if age is None or not shutil.which(python):
        pytest.skip("age, or a Python of the system, is not installed")
    home, place = lost / "empty", lost / "place"
    home.mkdir()
    place.mkdir()

    def clean(script):
        command = ["env", "-i", f"HOME={home}", "PATH=/usr/bin:/bin", f"COPY={lost / 'stick'}"]
        command += [f"RECOVERY={lost / 'recovery.txt'}", f"PYTHON={python}", "sh", "-c", script]
        return subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=300)

    checked = clean(CHECK)
    assert checked.returncode == 0 and not checked.stdout, checked
    restored = clean(RESTORE)
    assert restored.returncode == 0, restored
    sources = [*sorted((lost / "leak").iterdir()), *sorted((lost / "more").iterdir())]
    originals = sorted(path.read_bytes() for path in sources)
    got = sorted(path.read_bytes() for path in place.glob("A*-*"))
    assert got == originals and len(got) == 11
    victim = max((lost / "stick" / "vault").glob("*/v1/content/*"), key=lambda p: p.stat().st_size)
    victim.write_bytes(victim.read_bytes()[:-1] + b"\0")
    assert clean(CHECK).returncode != 0, "the check itself notices damage"
