"""What can go wrong, said so that a person knows what happened and what to do next.

There is one base class. `code` is a stable word for programs, `message` a sentence for people, `next` the
step to take, `document` the document it is about. `exit_status` follows the table of exit codes in
docs/reference/exit-codes.md. Text in `message` may name files; it never holds text from inside a document.
"""

from __future__ import annotations


class MunimentError(Exception):
    """Base of every error muniment raises on purpose."""

    code = "failed"
    exit_status = 1

    def __init__(self, message: str, *, next: str, document: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.next = next
        self.document = document

    def as_json(self) -> dict[str, dict[str, str]]:
        """The shape printed on standard error with `--json`."""
        body = {"code": self.code, "message": self.message, "next": self.next}
        if self.document is not None:
            body["document"] = self.document
        return {"error": body}


class BadUse(MunimentError):
    """The request itself cannot be carried out: a path that is not there, a query that cannot be read."""

    code = "bad-use"
    exit_status = 2


class NotFound(BadUse):
    """What was asked for is not in this case."""

    code = "not-found"


class NoKey(MunimentError):
    """The case is locked, or the passphrase is wrong."""

    code = "no-key"
    exit_status = 3


class Interrupted(MunimentError):
    """Work stopped part of the way and goes on when the same command is run again."""

    code = "interrupted"
    exit_status = 4


class Damaged(MunimentError):
    """Bytes on disk are not the bytes that were sealed."""

    code = "damaged"


class Older(Damaged):
    """A part of the case, or all of it, is older than what was seen of it: an old copy was put back."""

    code = "older-copy"


class Refused(MunimentError):
    """The step would put a source or the evidence at risk, so it is not taken."""

    code = "refused"


class Newer(BadUse):
    """The case was written by a later version of muniment."""

    code = "newer-version"
