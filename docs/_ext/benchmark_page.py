"""A Sphinx extension: the page of the benchmarks, from the scripts and their recorded runs.

The table of targets is recorded in ``benchmarks/results/bench.txt`` by ``make bench``, the run on an accelerator in
``benchmarks/results/device.txt``, the others by ``python -m benchmarks NAME > docs/benchmarks/NAME.txt``.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

INTRODUCTION = """# Benchmarks

Side-by-side runs against what one would use instead. `make bench` repeats them; the times below are those of one
machine, and their ratios say more than they do.
"""


def page(scripts: Path, runs: Path) -> str:
    """A section for each script of the folder: what it says of itself, and its recorded run."""
    lines = [INTRODUCTION]
    targets = scripts / "results" / "bench.txt"
    if targets.exists():
        lines += ["```text", targets.read_text(encoding="utf-8").rstrip(), "```", ""]
    for script in sorted(scripts.glob("[!_]*.py")):
        about = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or script.stem
        title, _, rest = about.partition("\n")
        lines += [f"## {title.rstrip('.')}", ""]
        for paragraph in rest.strip("\n").split("\n\n"):
            is_code = paragraph.startswith("    ")
            lines += ["```console", *_dedented(paragraph), "```", ""] if is_code else [paragraph.replace("``", "`"), ""]
        places = (runs / f"{script.stem}.txt", scripts / "results" / f"{script.stem}.txt")
        recorded = next((place for place in places if place.exists()), None)
        if recorded is not None:
            lines += ["```text", recorded.read_text(encoding="utf-8").rstrip(), "```", ""]
        elif targets.exists():
            lines += ["Its figures are in the table above.", ""]
        else:
            lines += ["No run is recorded here.", ""]
    return "\n".join(lines)


def _dedented(block: str) -> list[str]:
    return [f"$ {line.strip()}" for line in block.splitlines()]


def _write(app: Sphinx) -> None:
    source = Path(app.srcdir)
    path = source / "claims" / "benchmarks.md"
    path.parent.mkdir(exist_ok=True)
    text = page(source.parent / "benchmarks", source / "benchmarks")
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the page before Sphinx reads its sources."""
    app.connect("builder-inited", _write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
