"""The last stage of `add`: what was read is sealed, page by page, and a batch of document roots goes into the log.

Search does not wait for it. Each document is one small task; what is sealed is in the catalogue once its package is
on the disk, and a killed run leaves the rest for the next. Building trees keeps a Python process busy, so that where
there is much to do, each core has a process of ours, which holds a sandboxed worker of its own.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from typing import TYPE_CHECKING

import sqlalchemy as sa

from muniment.case import catalogue as tables
from muniment.case.seal_tables import seal, seal_due, sealed_page
from muniment.errors import BadUse, Damaged
from muniment.verbs.progress import Progress
from muniment.verbs.seal_batches import batch_sealed, finish_batches, unbatched
from muniment.verbs.sealing import BATCH
from muniment.verbs.seals_due import Due, cannot_now, due

if TYPE_CHECKING:
    from muniment.verbs.case import Case, Watch
    from muniment.verbs.page_sealing import PageSealer, Sealing
    from muniment.verbs.sealing_process import SealingProcess

STAGE = "sealing pages"
PICTURES = "pictures"
"""The setting: bytes of page pictures the case keeps in its vault (docs/reference/settings.md)."""

PICTURES_KEPT = 8 * 10**9
_TOGETHER, _COST_TOGETHER = 64, 640
_LITTLE = 600  # what it does not pay to start processes for: 60 pages with pictures


def seal_pages(case: Case, watch: Watch | None = None, cores: int | None = None) -> None:
    """Seal every document that is due; goes on where an earlier run was cut off."""
    finish_batches(case)
    _sweep(case)
    waiting = due(case)
    if waiting:
        _Stage(case, watch, cores or len(os.sched_getaffinity(0))).run(waiting)
    batch_sealed(case)


def keep_pictures(case: Case, gigabytes: float) -> None:
    """Set how much the case keeps of page pictures, in all; what is kept already stays. Raises BadUse."""
    if not 0 <= gigabytes < 1_000_000:
        raise BadUse(
            f"{gigabytes:g} GB cannot be set aside for pictures.", next="Give 0 or more, in GB."
        )
    case.catalogue.keep_setting(PICTURES, str(int(gigabytes * 10**9)))


def room_for_pictures(case: Case) -> int:
    """How many bytes of pictures may still be kept."""
    limit = int(case.catalogue.setting(PICTURES, str(PICTURES_KEPT)))
    with case.catalogue.read() as connection:
        used = connection.execute(sa.select(sa.func.sum(seal.c.pictures))).scalar()
    return max(0, limit - int(used or 0))


class _Stage:
    def __init__(self, case: Case, watch: Watch | None, cores: int) -> None:
        self._case = case
        self._watch = watch
        self._cores = cores
        self._room = room_for_pictures(case)
        self._done = 0
        self._total = 0
        self._batched = unbatched(case)

    def run(self, waiting: Sequence[Due]) -> None:
        self._total = len(waiting)
        self._tell()
        groups = _groups(waiting)
        if self._cores == 1 or sum(one.cost for one in waiting) <= _LITTLE:
            self._alone(groups)
        else:
            self._with_processes(groups)

    def _alone(self, groups: list[list[int]]) -> None:
        with DocumentsSealed(self._case) as sealed:
            for group in groups:
                self._count(group, sealed.seal(group, self._room))

    def _with_processes(self, groups: list[list[int]]) -> None:
        from muniment.verbs.sealing_process import SealingProcess

        idle: SimpleQueue[SealingProcess] = SimpleQueue()
        started: list[SealingProcess] = []
        running: dict[Future[int], list[int]] = {}
        count = min(self._cores, len(groups))

        def seal_group(group: list[int], room: int) -> int:
            process = idle.get()
            try:
                return process.seal(group, room)
            finally:
                idle.put(process)

        try:
            with ThreadPoolExecutor(count) as pool:
                try:
                    for _ in range(count):
                        started.append(SealingProcess(self._case))
                        idle.put(started[-1])
                    while groups or running:
                        while groups and len(running) < count:
                            group = groups.pop(0)
                            running[pool.submit(seal_group, group, self._room // count)] = group
                        finished, _ = wait(running, return_when=FIRST_COMPLETED)
                        for future in finished:
                            self._count(running.pop(future), future.result())
                except BaseException:
                    for process in started:
                        process.kill()  # so that no thread waits for one
                    raise
        finally:
            for process in started:
                process.close()

    def _count(self, group: list[int], kept: int) -> None:
        self._room = max(0, self._room - kept)
        self._done += len(group)
        self._batched += len(group)
        self._tell()
        if self._batched >= BATCH:
            batch_sealed(self._case)
            self._batched = 0

    def _tell(self) -> None:
        if self._watch is not None:
            self._watch(Progress(STAGE, self._done, self._total))


class DocumentsSealed:
    """Seals groups of documents, with a sandboxed worker of its own; a group is recorded as a whole."""

    def __init__(self, case: Case) -> None:
        from muniment.reading.worker import Worker
        from muniment.verbs.freed_memory import keep_freed_memory
        from muniment.verbs.page_sealing import PageSealer

        keep_freed_memory()
        self._case = case
        self._worker = Worker(fonts=False, passwords=case.passwords)
        self._sealer: PageSealer = PageSealer(case, self._worker)

    def __enter__(self) -> DocumentsSealed:
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.close()
        self._sealer.close()

    def seal(self, numbers: Sequence[int], room: int) -> int:
        """Seal documents and record them once their packages are on the disk; the bytes of pictures kept."""
        from muniment.evidence.vault import sync
        from muniment.reading.worker import NotRead
        from muniment.verbs.content import spool

        done: list[Sealing] = []
        failed: list[tuple[int, str]] = []
        kept = 0
        for number in numbers:
            try:
                done.append(self._sealer.seal(number, max(0, room - kept)))
                kept += done[-1].seal["pictures"]
            except (Damaged, BadUse, NotRead) as error:
                failed.append((number, error.message))
        sync(self._case.folder.staging)
        with self._case.catalogue.write() as connection:
            for sealing in done:
                _record(connection, sealing)
            for number, reason in failed:
                cannot_now(connection, number, reason)
        for sealing in done:
            spool(self._case, sealing.document).unlink(missing_ok=True)
        return kept


def _record(connection: sa.Connection, sealing: Sealing) -> None:
    inserted = connection.execute(sa.insert(seal).values(sealing.seal))
    assert inserted.inserted_primary_key is not None
    number = inserted.inserted_primary_key[0]
    if sealing.pages:
        rows = [{"seal": number, **page} for page in sealing.pages]
        connection.execute(sa.insert(sealed_page), rows)
    connection.execute(sa.delete(seal_due).where(seal_due.c.document == sealing.document))


def _groups(waiting: Sequence[Due]) -> list[list[int]]:
    """Documents that are recorded together: many small ones, or one of many pages."""
    groups: list[list[int]] = []
    cost = 0
    for one in waiting:
        if not groups or len(groups[-1]) >= _TOGETHER or cost + one.cost > _COST_TOGETHER:
            groups.append([])
            cost = 0
        groups[-1].append(one.number)
        cost += one.cost
    return groups


def _sweep(case: Case) -> None:
    """Remove packages a killed run staged and never recorded."""
    from muniment.evidence.vault import sweep

    sweep(case.folder.staging, staged_names(case))


def staged_names(case: Case) -> set[str]:
    """Every file in staging that the catalogue speaks of."""
    with case.catalogue.read() as connection:
        known = set(connection.execute(sa.select(tables.original.c.stored)).scalars())
        return known | set(connection.execute(sa.select(seal.c.stored)).scalars())
