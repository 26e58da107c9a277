"""What a machine may keep in clear, from what its kernel says: machines are folders here."""

from pathlib import Path

import pytest

from muniment.case.surroundings import Surroundings, warnings

MOUNTS = """22 1 8:2 / / rw,relatime - ext4 /dev/sda2 rw
23 22 254:0 / /cases rw - ext4 /dev/mapper/home rw
24 22 254:1 / /srv rw - ext4 /dev/mapper/srv rw
25 22 0:40 /sub /data rw - btrfs /dev/mapper/home rw
26 22 0:41 / /box rw - overlay overlay rw
27 22 0:42 / /dev/shm rw - tmpfs tmpfs rw
28 22 0:43 / /media/my\\040stick rw - vfat /dev/sdb1 rw
29 22 0:44 / /safe rw - fuse.gocryptfs /cipher rw
30 22 9:1 / /raid rw - ext4 /dev/md0p1 rw
"""


def _device(root: Path, name: str, number: str, *, uuid: str = "", below: tuple[str, ...] = ()):
    place = root / "sys" / "devices" / name
    (place / "slaves").mkdir(parents=True)
    if uuid:
        (place / "dm").mkdir()
        (place / "dm" / "uuid").write_text(uuid + "\n")
    for other in below:
        (place / "slaves" / other).symlink_to(root / "sys" / "devices" / other)
    for kind, called in (("class", name), ("dev", number)):
        folder = root / "sys" / kind / "block"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / called).symlink_to(place)
    return place


@pytest.fixture
def machine(tmp_path):
    """A disk in clear, LUKS under LVM, a volume over both, a stick, a RAID of encrypted disks."""
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "mountinfo").write_text(MOUNTS)
    _device(tmp_path, "sda2", "8:2")
    _device(tmp_path, "dm-9", "254:9", uuid="CRYPT-LUKS2-0123-crypt", below=("sda2",))
    _device(tmp_path, "home", "254:0", uuid="LVM-abc", below=("dm-9",))
    _device(tmp_path, "srv", "254:1", uuid="LVM-abd", below=("dm-9", "sda2"))
    _device(tmp_path, "sdb1", "8:17")
    raid = _device(tmp_path, "md0", "9:0", below=("dm-9",))
    (raid / "md0p1").mkdir()
    (raid / "md0p1" / "partition").write_text("1")
    (tmp_path / "sys" / "dev" / "block" / "9:1").symlink_to(raid / "md0p1")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("/etc/x", "clear"),
        ("/cases/harbour.muniment", "encrypted"),
        ("/casesx", "clear"),
        ("/srv/x", "clear"),
        ("/data/x", "encrypted"),
        ("/box/x", "unknown"),
        ("/dev/shm/muniment-x", "memory"),
        ("/media/my stick/x", "clear"),
        ("/safe/x", "encrypted"),
        ("/raid/x", "encrypted"),
    ],
)
def test_what_a_disk_is(machine, path, state):
    assert Surroundings(machine).under(Path(path)) == state


@pytest.mark.parametrize(
    ("swaps", "state"),
    [
        ("", "memory"),
        ("/dev/sda2 partition 1 0 -2\n", "clear"),
        ("/dev/home partition 1 0 -2\n", "encrypted"),
        ("/dev/home partition 1 0 -2\n/dev/sda2 partition 1 0 -3\n", "clear"),
        ("/dev/zram0 partition 1 0 100\n", "memory"),
        ("/dev/zram1 partition 1 0 100\n", "clear"),
        ("/swap.img file 1 0 -2\n", "clear"),
        ("/cases/swap\\040file file 1 0 -2\n", "encrypted"),
        ("/dev/gone partition 1 0 -2\n", "unknown"),
    ],
)
def test_what_swap_is(machine, swaps, state):
    _device(machine, "zram0", "252:0")
    (_device(machine, "zram1", "252:1") / "backing_dev").write_text("/dev/sda2\n")
    (machine / "proc" / "swaps").write_text("Filename Type Size Used Priority\n" + swaps)
    assert Surroundings(machine).swap() == state


def test_a_warning_is_said_once_and_what_cannot_be_told_is_said_too(machine):
    (machine / "proc" / "swaps").write_text("Filename\n/dev/sda2 partition 1 0 -2\n")
    seen = Surroundings(machine)
    said = warnings({"the case": Path("/a"), "MUNIMENT_HOME": Path("/b")}, machine=seen)
    assert len(said) == 2 and said[0].startswith("Swap is not encrypted")
    assert "the case and MUNIMENT_HOME is not encrypted" in said[1]
    [_, one] = warnings(
        {"the case": Path("/box/x"), "MUNIMENT_HOME": Path("/cases/x")}, machine=seen
    )
    assert "cannot be told" in one and "MUNIMENT_HOME" not in one
    (machine / "proc" / "swaps").write_text("Filename\n")
    assert warnings({"the case": Path("/cases/x")}, machine=seen) == []
    (machine / "proc" / "swaps").unlink()
    assert "cannot be told" in warnings({"the case": Path("/cases/x")}, machine=seen)[0]


def test_this_machine_can_be_looked_at():
    here = Surroundings()
    states = {"memory", "encrypted", "clear", "unknown"}
    assert here.swap() in states and here.under(Path.cwd()) in states
    assert here.under(Path("/dev/shm")) == "memory"
