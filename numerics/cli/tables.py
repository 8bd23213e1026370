"""Tables on consoles of any width: nothing in them is cut off."""

from __future__ import annotations

import os

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

__all__ = ["print_table"]

WIDEST = 1000


def print_table(table: Table, console: Console | None = None) -> None:
    """Print a table whole: a word that is longer than its column goes on in the next line.

    A file or a pipe has no width. There the table is as wide as it needs to be, unless ``COLUMNS`` is set.

    >>> print_table(Table("id", "what", box=None), Console(width=12))
     id  what
    """
    console = console or Console()
    for column in table.columns:
        if not column.no_wrap:
            column.overflow = "fold"
    if not console.is_terminal and "COLUMNS" not in os.environ:
        needed = Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum
        console = Console(file=console.file, width=max(console.width, needed))
    console.print(table)
