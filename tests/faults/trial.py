"""One trial: a verb meets a fault at a counted call; then it is run again, and everything is looked at.

A trial never replaces a part of muniment: each command is the real one, in a forked process with everything loaded,
as the process that keeps a case open runs it. A scenario says what is prepared, which command is tried and what must
be true in the end; so another verb is put to the same test by one more scenario.
"""

from __future__ import annotations

import json
import os
import pkgutil
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import muniment
from muniment.case.folder import Folder, open_folder
from muniment.case.journal import Journal
from muniment.case.keys import CaseKeys
from muniment.case.working import SHARED_MEMORY
from muniment.command import opening
from muniment.command.program import load_all, run
from tests.faults.overseer import Call, Overseen, oversee

PASSPHRASE = "bakoti rumesa dilovu hasita goluve"
PASSPHRASE_FROM = "--passphrase-file"
GOOD_ENDINGS = {0, 1, 4}  # of docs/reference/exit-codes.md; 2 and 3 would be the person's fault
SURVIVED, RESUMED, REPAIRED, LOST = "survived", "resumed", "repaired", "lost"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """The document it printed."""
        return json.loads(self.out)


@dataclass
class Place:
    """Where one trial happens: a case of its own in `folder`, and beside it whatever the scenario prepared.

    The files `passphrase` and `recovery` hold what opens it. `met` is how the verb on trial ended when it met the
    fault, `said` what it printed when it last ended with 0.
    """

    folder: Path
    keys: CaseKeys
    beside: tuple[str, ...] = ()
    met: Ended | None = None
    said: Ended | None = None

    @property
    def case(self) -> Path:
        """The case."""
        return self.folder / "harbour.muniment"

    @property
    def opened(self) -> Folder:
        """The paths of the case."""
        return open_folder(self.case)

    @property
    def watched(self) -> list[Path]:
        """Below these a call counts."""
        return [self.case, self.memory, *(self.folder / name for name in self.beside)]

    @property
    def memory(self) -> Path:
        """Where the case's working folder lies in memory."""
        return SHARED_MEMORY / f"muniment-{self.identifier}"

    @property
    def identifier(self) -> str:
        """The case's, also where there is no case yet."""
        return self.keys.log_name.partition("/")[2]

    def run(self, *arguments: object, which: int = 0, fault: str = "") -> tuple[Ended, Overseen]:
        """A command, with --json, in a process of its own, overseen.

        It finds the case open, as the process that keeps it open does; but who names a passphrase finds it locked.
        """
        out, err = self.folder / "out", self.folder / "err"
        words = [*map(str, arguments), "--json"]

        def work() -> int:
            for descriptor, path in ((1, out), (2, err)):
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                os.dup2(handle, descriptor)
            sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
            sys.stderr = open(2, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
            if PASSPHRASE_FROM not in words:
                opening.keep_for_this_process(self.identifier, self.keys)
            os.environ["MUNIMENT_HOME"] = str(self.folder / "home")
            os.chdir(self.folder)
            status = _printing_what_escapes(words)
            sys.stdout.flush()
            sys.stderr.flush()
            return status

        seen = oversee(work, self.watched, which=which, fault=fault)
        late = "it did not end\n" if seen.hung else ""
        return Ended(seen.status, out.read_text(), late + err.read_text()), seen

    def journal(self, keys: CaseKeys | None = None) -> list[dict[str, Any]]:
        """The acts so far."""
        folder, keys = self.opened, keys or self.keys
        return list(Journal(folder.journal, keys.recipient, keys.identity).acts())


def _printing_what_escapes(words: list[str]) -> int:
    """As an interpreter ends: an exception nobody took is a traceback and status 1."""
    status = 1
    try:
        status = run(words)
    finally:
        if sys.exc_info()[0] is not None:
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
            sys.stderr.flush()
            os._exit(1)
    return status


def audited(place: Place) -> Iterable[Ended]:
    """What is looked at after the fault, and again in the end."""
    yield place.run("audit", place.case)[0]


def nothing(_: Place) -> Iterable[str]:
    """Nothing to add."""
    return ()


@dataclass(frozen=True)
class Scenario:
    """A verb on trial.

    `prepare` makes the template: what lies in a fresh Place before the command. `command` gives its words. `check`
    yields a sentence for each thing that is not as it must be after the command was run again; it gets the acts
    that stood in the journal when the fault had struck. `beside`: names of folders beside the case in which calls
    count too, a custodian's for one. `audits` runs the audits, after the fault and in the end. `again`: the words
    after the fault, where they are others. `torn` yields what must never be so after a fault, `done` what must not be
    so where the verb ended with 0 in spite of it.
    """

    name: str
    prepare: Callable[[Place], None]
    command: Callable[[Place], list[object]]
    check: Callable[[Place, list[dict[str, Any]]], Iterable[str]]
    beside: tuple[str, ...] = ()
    audits: Callable[[Place], Iterable[Ended]] = audited
    again: Callable[[Place], list[object]] | None = None
    torn: Callable[[Place], Iterable[str]] = nothing
    done: Callable[[Place], Iterable[str]] = nothing


@dataclass
class Outcome:
    """What became of one trial. `problems` is empty unless something is wrong."""

    call: Call | None
    fault: str
    verdict: str
    status: int = 0
    problems: list[str] = field(default_factory=list)


class Trials:
    """Trials of one scenario; the template is made once. Use it in a `with` block."""

    def __init__(self, scenario: Scenario) -> None:
        _load()
        os.umask(0o077)
        self._scenario = scenario
        # In memory, where nothing waits for a disk: it is the calls that count.
        self._root = Path(tempfile.mkdtemp(prefix="faults-", dir=SHARED_MEMORY))
        # Made where each trial will be: a case knows the paths of its sources and custodians.
        made = self._root / "place"
        os.environ["MUNIMENT_HOME"] = str(made / "home")
        self._keys = _new_case(made)
        place = Place(made, self._keys)
        scenario.prepare(place)
        if place.memory.exists():
            shutil.copytree(place.memory, self._root / "memory")
        self._forget(place)
        made.rename(self._root / "template")

    def __enter__(self) -> Trials:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._root)

    def calls(self) -> list[Call]:
        """The calls of the command when nothing goes wrong. Fails where even that is not well."""
        with_nothing = self.trial(0, "")
        assert not with_nothing.problems, with_nothing.problems
        return self._last

    def trial(self, which: int, fault: str) -> Outcome:
        """One trial in a fresh copy of the template."""
        place = Place(self._root / "place", self._keys, self._scenario.beside)
        shutil.copytree(self._root / "template", place.folder, symlinks=True)
        if (self._root / "memory").exists():
            shutil.copytree(self._root / "memory", place.memory)
        try:
            return self._tried(place, which, fault)
        finally:
            self._forget(place)
            shutil.rmtree(place.folder)

    def _tried(self, place: Place, which: int, fault: str) -> Outcome:
        scenario, words = self._scenario, self._scenario.command(place)
        ended, seen = place.run(*words, which=which, fault=fault)
        self._last = seen.calls
        outcome = Outcome(seen.struck, fault, SURVIVED, ended.status)
        outcome.problems += _how_it_ended(ended, killed=fault == "SIGKILL" and bool(seen.struck))
        acts, place.met = place.journal(), ended
        outcome.problems += scenario.torn(place)
        if ended.status == 0:
            place.said = ended
            outcome.problems += scenario.done(place)
        else:
            outcome.verdict = RESUMED
        for between in scenario.audits(place):
            outcome.problems += _how_it_ended(between)
            if between.status != 0:
                outcome.verdict = REPAIRED
        again, _ = place.run(*(scenario.again or scenario.command)(place))
        if again.status != 0:
            outcome.problems.append(f"run again, it ended with {again.status}: {again.err}")
        else:
            place.said = again
        for last in scenario.audits(place):
            if last.status != 0:
                outcome.problems.append(f"audit: {last.out}{last.err}")
        outcome.problems += scenario.check(place, acts)
        if outcome.problems:
            outcome.verdict = LOST
        return outcome

    def _forget(self, place: Place) -> None:
        shutil.rmtree(place.memory, ignore_errors=True)


def _load() -> None:
    """Load what commands need, so that a forked one has it at once; on one processor calls keep their order."""
    load_all()
    for package in ("case", "evidence.log", "evidence.vault", "evidence", "finding", "verbs"):
        for module in pkgutil.iter_modules([str(Path(muniment.__path__[0], *package.split(".")))]):
            import_module(f"muniment.{package}.{module.name}")
    for name in ("rfc8785", "numpy", "sqlcipher3", "tantivy", "muniment.reading.worker"):
        import_module(name)
    os.sched_setaffinity(
        0, {min(os.sched_getaffinity(0), key=lambda core: (core - os.getpid()) % 2)}
    )


def _how_it_ended(ended: Ended, *, killed: bool = False) -> Iterable[str]:
    if killed:
        if ended.status != -9:
            yield f"killed, it ended with {ended.status}"
        return
    if ended.status not in GOOD_ENDINGS:
        yield f"it ended with {ended.status}: {ended.err}"
    if "Traceback" in ended.err or "panicked" in ended.err:
        yield f"a traceback was printed: {ended.err}"
    elif ended.err:
        error = json.loads(ended.err)["error"]
        if not (error["message"] and error["next"]):
            yield f"an error says too little: {ended.err}"
        if error["code"] in ("damaged", "older-copy"):
            yield f"nothing is damaged, and it says so: {ended.err}"


def _new_case(folder: Path) -> CaseKeys:
    from muniment.verbs.case import Case

    folder.mkdir()
    made, recovery = Case.new(folder / "harbour", PASSPHRASE)
    (folder / "recovery").write_text(recovery)
    (folder / "passphrase").write_text(PASSPHRASE)
    with made:
        return made.keys
