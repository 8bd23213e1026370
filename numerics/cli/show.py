"""``quadrics show ID``: one claim, whole."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markdown import Markdown

from .options import JsonFile, emit_json

if TYPE_CHECKING:
    from proofs.kernel import KernelProof


def show(
    claim_id: Annotated[str, typer.Argument(metavar="ID", help="A claim id, such as nurisso.prop4.")],
    json: JsonFile = None,
) -> None:
    """Show a claim: statement, hypotheses, what it uses and what uses it, and how it is known."""
    import sympy

    from proofs import all_claims, find
    from proofs.inventory import expected_verdict
    from proofs.kernel import KernelProof
    from proofs.registry import twins

    claim = find(claim_id)
    formula = claim.formula
    formal = [_formal(e) for e in claim.evidence if isinstance(e, KernelProof)]
    document = {
        "id": claim.id,
        "kind": str(claim.kind),
        "title": claim.title,
        "source": str(claim.source),
        "statement": claim.statement,
        "formula": None if formula is None else sympy.latex(formula),
        "hypotheses": list(claim.hypotheses),
        "uses": list(claim.uses),
        "used_by": [c.id for c in all_claims() if claim.id in c.uses],
        "twins": [c.id for c in twins(claim)],
        "expected": str(expected_verdict(claim.id)),
        "label": None if claim.label is None else str(claim.label),
        "erratum": claim.erratum,
        "missing": claim.missing,
        "evidence": [{"way": str(e.way), "scope": str(e.scope), "what": e.what} for e in claim.evidence],
        "formal": formal,
    }
    if str(json) == "-":
        emit_json(document, json)
        return
    console = Console()
    console.print(f"[bold]{claim.title}[/bold]  [dim]{claim.id}[/dim]")
    console.print(f"{claim.kind}; {claim.source}; expected verdict: {document['expected']}\n")
    console.print(Markdown(claim.statement))
    if formula is not None:
        console.print()
        console.print(sympy.pretty(formula, use_unicode=True, wrap_line=False), markup=False, highlight=False)
    for heading, lines in (
        ("Hypotheses", claim.hypotheses),
        ("Erratum", [claim.erratum] if claim.erratum else []),
        ("Not in the paper", [claim.missing] if claim.missing else []),
        ("Printed text or proof", document["twins"]),
        ("Uses", claim.uses),
        ("Used by", document["used_by"]),
        ("How we know", [f"{e.way} ({e.scope}): {e.what}" for e in claim.evidence]),
    ):
        if lines:
            console.print(f"\n[bold]{heading}[/bold]")
            for line in lines:
                console.print(f"  • {line}", markup=False, highlight=False)
    for one in formal:
        console.print(f"\n[bold]Formal statement[/bold]  [dim]Coq, proofs/coq/{one['file']}[/dim]")
        for sentence in one["definitions"]:
            console.print(f"  {sentence}.", markup=False, highlight=False, style="dim")
        console.print(f"  Theorem {one['theorem']}{' (it refutes the claim)' if one['refutes'] else ''} :")
        console.print(textwrap.indent(f"{one['statement']}.", "    "), markup=False, highlight=False, soft_wrap=True)
    emit_json(document, json)


def _formal(proof: KernelProof) -> dict[str, Any]:
    """A theorem of the proof assistant: where it stands, what it says, the definitions that it speaks of."""
    one = proof.theorem
    return {
        "file": f"{one.file}.v",
        "theorem": one.name,
        "statement": one.statement.strip(),
        "definitions": [" ".join(text.split()) for text in proof.vocabulary()],
        "refutes": one.refutes,
    }
