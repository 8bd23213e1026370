"""The command lines that README.md and the pages show are those of the program, the Makefile and the repository."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from numerics.cli import app
from numerics.experiments import EXPERIMENTS
from proofs import find

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
VERBS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
PLACEHOLDERS = {"ID", "FILE"}


def shown(page: Path) -> list[list[str]]:
    """The words of each command line of a page, in a console block or between backticks, without comments."""
    text = page.read_text(encoding="utf-8")
    lines = re.findall(r"^\$ (.+)$", text, re.MULTILINE) + re.findall(r"`((?:quadrics|make|python) [^`\n]+)`", text)
    return [shlex.split(line, comments=True) for line in lines]


def problem(words: list[str]) -> str | None:
    """What is wrong with a command line, if anything."""
    match words:
        case ["make", target]:
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            return None if re.search(rf"^{target}:", makefile, re.MULTILINE) else f"no target {target}"
        case ["python", "-m", "pip" | "benchmarks", *_]:
            return None
        case ["python", script, *_]:
            return None if (ROOT / script).exists() else f"no file {script}"
        case ["quadrics", verb, *rest] if verb in VERBS:
            known = {option for parameter in VERBS[verb].params for option in parameter.opts}
            unknown = [word for word in rest if word.startswith("--") and word not in known]
            if unknown:
                return f"{verb} has no {unknown}"
            if verb == "reproduce" and rest:
                return None if rest[0] in EXPERIMENTS else f"no experiment {rest[0]}"
            if verb in ("show", "derive") and rest and rest[0] not in PLACEHOLDERS:
                find(rest[0])
            return None
    return f"unknown: {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_shows_can_be_called(page: Path) -> None:
    assert [found for words in shown(page) if (found := problem(words))] == []


def test_command_lines_are_found() -> None:
    assert ["make", "verify"] in shown(ROOT / "README.md")
    assert ["quadrics", "show", "nurisso.prop5"] in shown(ROOT / "README.md")
    assert ["quadrics", "expand", "3", "4", "--graph"] in shown(ROOT / "docs" / "tutorial_expansions.md")
    assert sum(len(shown(page)) for page in PAGES) > 25


@pytest.mark.parametrize(
    "line",
    [
        "make coffee",
        "python docs/no_such.py",
        "quadrics refute",
        "quadrics verify --hastily",
        "quadrics reproduce fig9",
    ],
)
def test_a_stale_command_line_is_noticed(line: str) -> None:
    assert problem(line.split()) is not None
