"""A Sphinx extension: the reference of the command line is the program's own help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

INTRODUCTION = """# Command line

Numbers in arguments are read as numbers and never evaluated as code.
Exit status: 0 when every verdict is the expected one, 1 when one is not, 2 for a wrong call, 130 after Ctrl-C.
"""


def reference(program: Any, width: int = 86) -> str:
    """The page: the program's help, then a section for each verb with the verb's help."""
    from typer.testing import CliRunner

    runner = CliRunner(env={"TERMINAL_WIDTH": str(width), "COLUMNS": str(width), "NO_COLOR": "1", "TERM": "dumb"})

    def help_of(*words: str) -> list[str]:
        result = runner.invoke(program, [*words, "--help"], prog_name="quadrics")
        if result.exit_code:
            raise RuntimeError(f"quadrics {' '.join(words)} --help: got exit status {result.exit_code}; expected 0")
        shown = [line.rstrip() for line in result.output.strip("\n").splitlines()]
        return ["```text", *shown, "```", ""]

    lines = [INTRODUCTION, *help_of()]
    for command in program.registered_commands:
        verb = command.name or command.callback.__name__
        lines += [f"## quadrics {verb}", "", *help_of(verb)]
    return "\n".join(lines)


def _write(app: Sphinx) -> None:
    from numerics.cli import app as program

    path = Path(app.srcdir) / "claims" / "command_line.md"
    path.parent.mkdir(exist_ok=True)
    text = reference(program)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the page before Sphinx reads its sources."""
    app.connect("builder-inited", _write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
