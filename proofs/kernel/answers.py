"""Coq's answers about our files, asked once in a run: when they are needed, or ahead of it while other work goes on."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING

from .coqc import Coq, Report
from .theorems import Table

if TYPE_CHECKING:
    pass


class Answers:
    """What Coq says of each file of theorems.

    The questions run in threads of their own, each waiting for a Coq of its own, so that they take another processor
    than the measurements do.
    """

    def __init__(self, coq: Coq, table: Table, workers: int = 1) -> None:
        self.coq, self.table = coq, table
        self._pool = ThreadPoolExecutor(workers)
        self._reports: dict[str, Future[Report]] = {}

    def ahead(self, files: Iterable[str]) -> None:
        """Begin to ask about these files, in this order."""
        for file in files:
            if file not in self._reports:
                self._reports[file] = self._pool.submit(self.coq.ask, file, *self.table.names(file))

    def of(self, file: str) -> Report:
        """The answers about one file.

        Raises
        ------
        Skipped, CoqError
            As ``Coq.ask``.
        """
        self.ahead([file])
        return self._reports[file].result()

    def __enter__(self) -> Answers:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        """Ask nothing more; what Coq is doing right now is finished."""
        self._pool.shutdown(wait=True, cancel_futures=True)
