"""The verbs of a Case that tell what its texts name, say and count, and the judging of what they propose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack, cast

if TYPE_CHECKING:
    from muniment.verbs.case import Case
    from muniment.verbs.names import AskedNames

Report = dict[str, Any]


class OfText:
    """A part of `Case`: one method per verb, as there."""

    def names(self, name: str | None = None, **asked: Unpack[AskedNames]) -> Report:
        """Who and what is named; with a name its mentions, with `together` the pages that name all of them."""
        from muniment.verbs.names import names

        return names(cast("Case", self), name, **asked)

    def names_change(
        self, what: str, names: Sequence[str], *, value: str = "", why: str = "", by: str = ""
    ) -> Report:
        """Merge, split, rename, delete or undo: a person's decision on names."""
        from muniment.verbs.judge import change

        return change(cast("Case", self), what, names, value=value, why=why, by=by)

    def judge(self, item: str, judgement: str, *, why: str = "", by: str = "") -> Report:
        """A person accepts, rejects or doubts what was proposed."""
        from muniment.verbs.judge import judge

        return judge(cast("Case", self), item, judgement, why=why, by=by)

    def statements(self, document: str | None = None) -> Report:
        """Who said what, with which stance, in one document or in all that are no tables."""
        from muniment.verbs.statements import statements

        return statements(cast("Case", self), document)

    def figures(self, document: str | None = None) -> Report:
        """Numbers with their bounds, of one document or of all that are no tables."""
        from muniment.verbs.figures import figures

        return figures(cast("Case", self), document)
