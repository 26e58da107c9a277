"""An older catalogue, journal or log put back, or all of them together, is noticed.

What is there is held against what must not be younger than it: the mark outside the case, the journal's head that
the catalogue carried out, the log. Honest parts only grow, and each is written before what speaks of it: the
journal before the catalogue, both before the mark. So what comes later is always read first here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case import custody_tables as custody
from muniment.case.journal import CarryOut, Noted
from muniment.case.seal_tables import seal_batch
from muniment.case.seen import Mark, mark_path, read_mark, write_mark
from muniment.errors import Damaged, MunimentError, Older, Refused
from muniment.verbs.noting import carried_out, note_act

if TYPE_CHECKING:
    from muniment.case.catalogue import Catalogue
    from muniment.evidence.log.tree_state import TreeState
    from muniment.verbs.case import Case

_ACCEPT = "If the newer one is lost for good: muniment custody CASE --accept-older"
_CRASH = 1  # acts that a killed process may leave for the catalogue to carry out


@dataclass(frozen=True, slots=True)
class Behind:
    """A part (catalogue, journal, log) that is older than what another knows of it."""

    part: str
    message: str
    paths: tuple[tuple[str, str], ...]  # as `audit` names them


def check(case: Case, catalogue: Catalogue) -> None:
    """Raises Older where a part of the case was put back. Takes a few milliseconds."""
    behind = next(_all(case, catalogue), None)
    if behind is None:
        return
    whole = behind.part == "journal" and _agrees(case, catalogue)
    step = (
        f"Put the newest copy back in its place; nothing was changed. {_ACCEPT}"
        if whole
        else f"Restore the newest {_PLACES[behind.part]} from a custodian's copy or a backup of your own; "
        "nothing was changed. `muniment audit` names what is missing."
    )
    raise Older(behind.message, next=step)


_PLACES = {"catalogue": "catalogue.db", "journal": "journal/", "log": "log/"}


def older_parts(case: Case) -> Iterator[tuple[str, str]]:
    """For `audit`: what is missing in a part that was put back, and a mark that cannot be read."""
    path = mark_path(case.folder)
    if path.exists() and read_mark(case.folder, case.keys) is None:
        yield "damaged", f"MUNIMENT_HOME/seen/{path.name}"
    for behind in _all(case, case.catalogue):
        yield from behind.paths


def _all(case: Case, catalogue: Catalogue) -> Iterator[Behind]:
    mark = read_mark(case.folder, case.keys)
    if mark is not None:
        yield from _journal_behind(case, mark.acts, mark.head, "this account")
        yield from _log_behind(case, mark)
    with catalogue.read() as connection:
        known = carried_out(connection)
        last = _last_entry(connection)
    state = tree_state(case)
    if state is not None and last >= state.size:
        missing = tuple(("missing", f"log/entry {n}") for n in range(state.size, last + 1))
        message = (
            f"The log has {state.size} entries, and the catalogue knows entry {last}: "
            "an older one was put back."
        )
        yield Behind("log", message, missing)
    if known is not None:
        yield from _journal_behind(case, *known, "the catalogue")
    elif mark is not None and mark.acts:
        yield _catalogue(case, 0)
        return
    if known is not None and _lag(case, known[0]) > _CRASH:
        # A process may have gone on meanwhile; in our turn nobody is half-way through an act.
        with case.journal.turn(), catalogue.read() as connection:
            known = carried_out(connection) or known
            if _lag(case, known[0]) > _CRASH:
                yield _catalogue(case, known[0])


def _last_entry(connection: sa.Connection) -> int:
    """The last entry of the log that the catalogue speaks of; -1 where it speaks of none."""
    columns = (
        tables.batch.c.log_index,
        seal_batch.c.log_index,
        custody.commitment.c.log_index,
    )
    ends = [connection.execute(sa.select(sa.func.max(column))).scalar() for column in columns]
    return max((int(end) for end in ends if end is not None), default=-1)


def _lag(case: Case, known: int) -> int:
    """How many acts come after one, counted no further than matters."""
    return sum(case.journal.path(known + step).exists() for step in range(1, _CRASH + 2))


def _journal_behind(case: Case, number: int, head: str, who: str) -> Iterator[Behind]:
    journal = case.journal
    if not number:
        return
    if not journal.path(number).exists():
        last = max(journal.numbers(), default=0)
        missing = [
            ("missing", f"journal/{n:08d}.age")
            for n in range(1, number + 1)
            if not journal.path(n).exists()
        ]
        yield Behind(
            "journal",
            f"The journal ends at act {last}, and {who} has seen act {number}: an older one was put back.",
            tuple(missing),
        )
        return
    try:
        same = journal.noted(number).digest == head
    except Damaged:
        same = False
    if not same:
        yield Behind(
            "journal",
            f"Act {number} of the journal is damaged, or is not the one {who} has seen.",
            (("damaged", f"journal/{number:08d}.age"),),
        )


def _log_behind(case: Case, mark: Mark) -> Iterator[Behind]:
    state = tree_state(case)
    if state is None or (state.size == mark.entries and state.root.hex() == mark.root):
        return  # a log that cannot be read is named by the audit of its bytes
    if state.size < mark.entries:
        missing = tuple(("missing", f"log/entry {n}") for n in range(state.size, mark.entries))
        message = (
            f"The log has {state.size} entries, and this account has seen it with "
            f"{mark.entries}: an older one was put back."
        )
        yield Behind("log", message, missing)
    elif case.log.root(mark.entries).hex() != mark.root:
        message = (
            f"The first {mark.entries} entries of the log are not those this account has seen."
        )
        yield Behind("log", message, (("damaged", "log"),))


def _catalogue(case: Case, number: int) -> Behind:
    last = max(case.journal.numbers(), default=0)
    return Behind(
        "catalogue",
        f"The catalogue has carried out {number} acts, and the journal holds {last}: "
        "an older catalogue.db was put back.",
        (("damaged", "catalogue.db"),),
    )


def tree_state(case: Case) -> TreeState | None:
    """How far the log has come, or None where that cannot be read."""
    from muniment.evidence.log.tree_state import TREE, TreeState

    try:
        return TreeState.from_json((case.folder.log / TREE).read_bytes())
    except (OSError, MunimentError):
        return None


def catch_up(case: Case) -> None:
    """Carry out the act that a killed process left. Raises Older, Damaged."""
    with case.journal.turn():
        _catch_up(case, _CRASH)


def carry_out_all(case: Case) -> None:
    """Carry out every act the catalogue has not, however many: for one that was restored, or is made anew.

    Up to where the journal breaks; nothing where it has lost acts that the catalogue knows. Documents must be in the
    catalogue before. Raises Older where the two do not continue each other.
    """
    with case.journal.turn():
        with case.catalogue.read() as connection:
            known = carried_out(connection)
        if known is None or known[0] <= case.journal.head()[0]:
            _catch_up(case, None)


def _catch_up(case: Case, most: int | None) -> None:
    number, head = case.journal.head()
    with case.catalogue.read() as connection:
        known = carried_out(connection)
    if known == (number, head) or (known is None and not number):
        return
    first = 1 if known is None else known[0] + 1
    # A catalogue that never kept a head is of an earlier muniment: it learns all acts at once.
    if known is not None and not known[0] <= number <= known[0] + (
        number if most is None else most
    ):
        behind = _catalogue(case, known[0])
        raise Older(behind.message, next="Restore the newest from a custodian's copy.")
    noted = list(case.journal.chain(first) if most is not None else _as_far_as_it_goes(case, first))
    previous = noted[0].entry["previous"] if noted else head
    if known is not None and previous != known[1]:
        raise Older(
            "Journal and catalogue do not continue each other.",
            next="Restore both from the newest of the custodians' copies.",
        )
    enclosed = {act.number: _enclosed(case, act) for act in noted}
    with case.catalogue.write() as connection:
        for act in noted:
            note_act(connection, act, enclosure=enclosed[act.number])


def _enclosed(case: Case, act: Noted) -> dict[str, Any] | None:
    """What is enclosed with an act. Where a person's words cannot be read that stops nothing else; `audit` tells."""
    try:
        return case.journal.enclosure(act.number)
    except (Damaged, ValueError):
        if act.entry["act"] not in ("noted", "judged"):
            raise
        return None


def _as_far_as_it_goes(case: Case, first: int) -> Iterator[Noted]:
    try:
        yield from case.journal.chain(first)
    except Damaged:
        return  # repair and audit name the act


def noted_by(case: Case, noted: Noted, carry_out: CarryOut | None) -> None:
    """In the journal's turn, after an act: the catalogue carries it out, and the mark moves on."""
    enclosed = _enclosed(case, noted) if carry_out is None else None
    with case.catalogue.write() as connection:
        note_act(connection, noted, carry_out, enclosure=enclosed)
    _remember(case, noted.number, noted.digest)


def remember(case: Case) -> None:
    """Move the mark to where journal and log are now."""
    with case.journal.turn():
        _remember(case, *case.journal.head())


def seen_newer(case: Case) -> Behind | None:
    """What this account has seen of the case and is not here; None where it has seen nothing newer."""
    mark = read_mark(case.folder, case.keys)
    if mark is None:
        return None
    behind = next(_journal_behind(case, mark.acts, mark.head, "this account"), None)
    return behind or next(_log_behind(case, mark), None)


def _remember(case: Case, number: int, head: str) -> None:
    state = tree_state(case)
    if state is not None:
        mark = Mark(number, head, state.size, state.root.hex())
        write_mark(case.folder, case.keys, mark)


def _agrees(case: Case, catalogue: Catalogue) -> bool:
    """Whether catalogue, journal and log are of one time, so that only the mark is ahead of them."""
    state = tree_state(case)
    with catalogue.read() as connection:
        known, last = carried_out(connection), _last_entry(connection)
    if known is None or state is None or last >= state.size:
        return False
    there = not known[0] or case.journal.path(known[0]).exists()
    return there and _lag(case, known[0]) <= _CRASH


def accept_older(case: Case) -> int:
    """Go on with an older copy of the whole case, knowingly; the act says what was seen before.

    Returns the act's number. Raises Refused where nothing newer was seen, or where the parts of the case do
    not belong together: then what is older must be restored.
    """
    mark = read_mark(case.folder, case.keys)
    case.look()
    if mark is None or not any(True for _ in _all(case, case.catalogue)):
        raise Refused(
            "This account has seen nothing newer of this case.",
            next="Nothing needs to be accepted.",
        )
    if not _agrees(case, case.catalogue):
        raise Refused(
            "Catalogue, journal and log of this copy are not of one time.",
            next="Restore the older of them first; `muniment audit` names it.",
        )
    state = tree_state(case)
    assert state is not None
    details = {
        "acts_seen": mark.acts,
        "head_seen": mark.head,
        "entries_seen": mark.entries,
        "root_seen": mark.root,
    }
    return case.journal.append("put-back", details)
