"""A progress bar for whatever takes more than a second; silent where nobody looks at a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

__all__ = ["ProgressBar"]


class ProgressBar:
    """A context manager that is also the ``progress`` callback of the long computations.

    The bar appears on standard error once the work has taken ``delay`` seconds, and only on a terminal; it goes away
    at the end. With a ``unit`` it tells how many of them are done a second.

    >>> with ProgressBar("training", unit="networks × steps") as bar:
    ...     for step in range(3):
    ...         bar(5200 * (step + 1), 5200 * 3)
    """

    def __init__(
        self, what: str, *, unit: str | None = None, delay: float = 1.0, console: Console | None = None
    ) -> None:
        self.what = what
        self.unit = unit
        self.delay = delay
        self.console = console if console is not None else Console(stderr=True)
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        return self

    def __call__(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` are done."""
        if not self.console.is_terminal:
            return
        if self._bar is None:
            if time.monotonic() - self._started < self.delay:
                return
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn() if self.unit is None else _Rate(self.unit),
                TimeRemainingColumn(),
                console=self.console,
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task(self.what, total=total)
        assert self._task is not None
        self._bar.update(self._task, completed=done, total=total)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class _Rate(ProgressColumn):
    """How much is done a second."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        """Return the rate, once there are two moments to tell it from."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{_short(speed)} {self.unit}/s")


def _short(number: float) -> str:
    """Return three digits and a prefix.

    >>> _short(4.2), _short(51_300), _short(12_534_398)
    ('4.2', '51.3k', '12.5M')
    """
    for size, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{prefix}"
    return f"{number:.3g}"
