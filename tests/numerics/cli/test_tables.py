"""Tables on narrow consoles and in files keep every character."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.table import Table

from numerics.cli.tables import print_table

IDS = ["beyond.nurisso.discrete-obstruction", "simsek.propB.8.printed"]


def table() -> Table:
    made = Table("claim", "drift of c", "seconds")
    for name in IDS:
        made.add_row(name, "1.2345678901e-05", "0.1")
    return made


def printed(width: int, terminal: bool, whole: bool = True) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None)
    if whole:
        print_table(table(), console)
    else:
        console.print(table())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [30, 50, 80, 200])
def test_a_terminal_shows_every_character_within_its_width(width: int) -> None:
    text = printed(width, terminal=True)
    assert all(len(line) <= width for line in text.splitlines())
    assert "…" not in text
    first, second = ("".join(line.split("│")[k].strip() for line in text.splitlines() if "│" in line) for k in (1, 2))
    assert first == "".join(IDS)
    assert second == 2 * "1.2345678901e-05"


def test_rich_alone_would_cut() -> None:
    assert "…" in printed(30, terminal=True, whole=False)


def test_a_file_is_as_wide_as_it_needs_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    rows = [line for line in printed(30, terminal=False).splitlines() if "│" in line]
    assert [row.split("│")[1].strip() for row in rows] == IDS
    monkeypatch.setenv("COLUMNS", "30")
    assert all(len(line) <= 30 for line in printed(30, terminal=False).splitlines())
