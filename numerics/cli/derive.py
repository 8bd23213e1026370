"""``quadrics derive ID``: the checked steps of a claim's derivations."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console


def derive(
    claim_id: Annotated[str, typer.Argument(metavar="ID", help="A claim id, such as nurisso.prop4.")],
    latex: Annotated[bool, typer.Option("--latex", help="Print LaTeX instead of text.")] = False,
) -> None:
    """Print the checked steps of a claim's derivations."""
    from proofs import find

    derivations = find(claim_id).derive()
    text = derivations._repr_markdown_() if latex else str(derivations)
    Console(soft_wrap=True).print(text, markup=False, highlight=False)
