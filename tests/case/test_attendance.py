"""When an open case is locked although nobody said so. The kernel's clock is the only thing set by hand."""

import pytest

from muniment.case.attendance import Attendance, seconds_of, time_asleep
from muniment.errors import BadUse


def test_unused_used_and_unused_again():
    attendance = Attendance(0.0)
    assert attendance.over() == "unused"
    attendance.seconds = 3600.0
    attendance.used()
    assert attendance.over() == "" and 3590 < attendance.left() <= 3600


def test_a_suspended_machine():
    slept = [70.0]
    attendance = Attendance(3600.0, asleep=lambda: slept[0])
    assert attendance.over() == "", "what it slept before is no matter"
    slept[0] += 0.5
    assert attendance.over() == "", "clocks are read one after the other"
    slept[0] += 60
    assert attendance.over() == "suspended"
    assert time_asleep() >= -1.0


@pytest.mark.parametrize("ending", ["ACTIVE=0\nSTATE=closing\n", None])
def test_a_login_that_ends(tmp_path, ending):
    session = tmp_path / "c2"
    session.write_text("UID=1000\nACTIVE=1\nSTATE=active\n")
    attendance = Attendance(3600.0, session=session)
    assert attendance.over() == ""
    if ending is None:
        session.unlink()
    else:
        session.write_text(ending)
    assert attendance.over() == "logged out"


@pytest.mark.parametrize(("text", "seconds"), [("45s", 45), ("30m", 1800), ("8h", 28800)])
def test_times(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "8", "0h", "h", "-1h", "8 h", "8d", "9999999s"])
def test_what_is_no_time(text):
    with pytest.raises(BadUse):
        seconds_of(text)
