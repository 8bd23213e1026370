"""A theorem of five lines with its entry in a table; for the tests."""

from __future__ import annotations

from dataclasses import replace

from proofs.kernel import KernelProof
from proofs.kernel.sources import Sources
from proofs.kernel.theorems import parse

TINY = """
Require Import Lia.
(* Twice a number. *)
Definition double (n : nat) : nat := n + n.
Theorem grows : forall n, 0 < n -> n < double n.
Proof. unfold double. intros. lia. Qed.
Theorem grows_mutant_false : ~ (forall n, n < double n).
Proof. intros H. specialize (H 0). unfold double in H. lia. Qed.
"""
STATEMENT = "forall n : nat, 0 < n -> n < double n"
DOCUMENT = {
    "theorem": [
        {
            "file": "Tiny",
            "name": "grows",
            "claims": ["mine.grows"],
            "what": "doubling makes a positive number larger",
            "statement": STATEMENT,
            "mutant": "grows_mutant_false",
            "mutation": "zero as well",
            "negation": "~ (forall n : nat, n < double n)",
        }
    ],
    "definitions": {"Tiny": {"double": "Definition double (n : nat) : nat := n + n"}},
}


def tiny(folder, text=TINY, **changes):
    """The evidence of the tiny theorem, with its file or its entry changed."""
    (folder / "Tiny.v").write_text(text)
    rows = parse(DOCUMENT)
    theorem = replace(rows.theorems[0], **changes)
    return KernelProof(theorem, replace(rows, theorems=(theorem,)), Sources(folder))
