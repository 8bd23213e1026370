"""Docstrings quoted for reStructuredText, and the page of the command line."""

from __future__ import annotations

import doctest
import io

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
