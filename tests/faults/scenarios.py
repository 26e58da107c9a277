"""The verbs on trial. One more is one more `Scenario` here: what is prepared, which command, what must be true."""

from __future__ import annotations

from tests.faults.copying import COPY, COPY_AGAIN
from tests.faults.receiving import ADD
from tests.faults.rotating import ROTATE
from tests.faults.withdrawing import WITHDRAW

SCENARIOS = {one.name: one for one in (ADD, COPY, COPY_AGAIN, ROTATE, WITHDRAW)}
