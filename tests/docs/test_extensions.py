"""Docstrings quoted for reStructuredText, and the page of the command line."""

from __future__ import annotations

import doctest
import io
from pathlib import Path

import benchmark_page
import command_line
import plain_docstrings
import typer
from docutils.core import publish_string
from hypothesis import given
from hypothesis import strategies as st


def test_doctests() -> None:
    assert doctest.testmod(plain_docstrings).failed == 0


def _warnings(text: str) -> str:
    said = io.StringIO()
    publish_string(text, settings_overrides={"warning_stream": said, "report_level": 2})
    return said.getvalue()


@given(st.lists(st.sampled_from(["|w|", "l_-", "|a|^2", "``|b|``", "c_k", "x_", "and", "(l_)"]), min_size=1))
def test_running_text_is_no_markup(words: list[str]) -> None:
    assert _warnings("\n".join(plain_docstrings.quote([" ".join(words)]))) == ""


def test_tables_are_quoted_too() -> None:
    lines = ["====  ======", "what  number", "====  ======", "l_-   1 + l_-", "|w|   2", "====  ======"]
    assert _warnings("\n".join(lines)) != ""
    assert _warnings("\n".join(plain_docstrings.quote(lines))) == ""


def test_code_is_left_alone() -> None:
    lines = ["Say::", "", "    a | b_", "", "Then |c|.", "", ">>> x_ | y", "z_"]
    quoted = plain_docstrings.quote(lines)
    assert quoted == ["Say::", "", "    a | b_", "", "Then \\|c\\|.", "", ">>> x_ | y", "z_"]


def test_the_reference_has_a_section_for_each_verb() -> None:
    program = typer.Typer(help="A program.")

    @program.command()
    def count(width: int = typer.Option(3, help="How wide.")) -> None:
        """Count things."""

    @program.command()
    def show(name: str) -> None:
        """Show a thing."""

    page = command_line.reference(program)
    assert page.index("## quadrics count") < page.index("## quadrics show")
    for text in ("How wide.", "Count things.", "--width", "Show a thing."):
        assert text in page


def test_a_benchmark_without_a_recorded_run_says_so(tmp_path: Path) -> None:
    scripts, runs = tmp_path / "benchmarks", tmp_path / "runs"
    scripts.mkdir()
    runs.mkdir()
    (scripts / "speed.py").write_text(
        '"""Fast against slow.\n\n    python benchmarks/speed.py\n\nIt ``counts``.\n"""\n'
    )
    page = benchmark_page.page(scripts, runs)
    assert "## Fast against slow\n" in page
    assert "```console\n$ python benchmarks/speed.py\n```" in page
    assert "It `counts`." in page
    assert "No run is recorded here." in page
    (runs / "speed.txt").write_text("ours 1 s, theirs 2 s\n")
    assert "```text\nours 1 s, theirs 2 s\n```" in benchmark_page.page(scripts, runs)


def test_the_table_of_targets_comes_first(tmp_path: Path) -> None:
    scripts, runs = tmp_path / "benchmarks", tmp_path / "runs"
    (scripts / "results").mkdir(parents=True)
    (scripts / "speed.py").write_text('"""Fast against slow."""\n')
    (scripts / "_common.py").write_text('"""Clocks."""\n')
    (scripts / "results" / "bench.txt").write_text("speed 2 (at least 1)\n")
    page = benchmark_page.page(scripts, runs)
    assert page.index("speed 2 (at least 1)") < page.index("## Fast against slow")
    assert "Its figures are in the table above." in page
    assert "Clocks" not in page
    (scripts / "results" / "speed.txt").write_text("on a device 3\n")
    assert "```text\non a device 3\n```" in benchmark_page.page(scripts, runs)
