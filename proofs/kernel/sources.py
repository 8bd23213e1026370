"""The Coq files as text: what they import, what they define, and what none of them may contain.

Everything here works without Coq. A file is split into sentences; those that give a name its meaning (definitions,
notations, records) are compared with pinned copies, because a theorem about a changed definition is another theorem.
"""

from __future__ import annotations

import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from quadrics.errors import ClaimError

FOLDER = Path(__file__).resolve().parent.parent / "coq"

# Whatever lets a proof end without being one, or switches off a check of the kernel.
FORBIDDEN = (
    r"Admitted",
    r"admit",
    r"give_up",
    r"Abort\s+All",
    r"Axioms?",
    r"Parameters?",
    r"Conjectures?",
    r"Unset\s+Guard\s+Checking",
    r"Unset\s+Positivity\s+Checking",
    r"Unset\s+Universe\s+Checking",
    r"bypass_check",
    r"type_in_type",
    r"Declare\s+ML\s+Module",
    r"Extraction",
    r"Redirect",
    r"Load",
    r"Declare\s+Module",
)
_FORBIDDEN = re.compile(r"(?<![\w'])(" + "|".join(FORBIDDEN) + r")(?![\w'])")
_MEANING = re.compile(
    r"(?:(?:Local|Global|#\[[^\]]*\])\s+)*"
    r"(?:Definition|Fixpoint|CoFixpoint|Inductive|CoInductive|Variant|Record|Structure|Class|Instance|Canonical|"
    r"Coercion|Notation|Infix|Let|Function)\s+(?:Structure\s+)?(\"[^\"]*\"|[\w']+)"
)
_IMPORT = re.compile(r"From\s+Quadrics\s+Require\s+(?:Import|Export)\s+([\w\s]+)\.")


def without_comments(text: str) -> str:
    """The text without its comments, which nest in Coq.

    >>> without_comments("Lemma a : x. (* one (* two *) *) Qed.")
    'Lemma a : x.  Qed.'
    """
    kept, depth, position = [], 0, 0
    for mark in re.finditer(r"\(\*|\*\)", text):
        if mark.group() == "(*":
            if depth == 0:
                kept.append(text[position : mark.start()])
            depth += 1
        elif depth:
            depth -= 1
            position = mark.end()
    if depth:
        raise ClaimError("a Coq comment is opened and not closed")
    return "".join([*kept, text[position:]])


def normalized(text: str) -> str:
    """The text with every run of white space as one space.

    >>> normalized("forall x,\\n  x = x")
    'forall x, x = x'
    """
    return " ".join(text.split())


def sentences(text: str) -> list[str]:
    """The sentences of a file, without comments, white space normalized; a sentence ends with a dot and a space.

    >>> sentences("Definition two := 1.+1. (* a pair *)\\nLemma x : two = 2. Proof. by []. Qed.")
    ['Definition two := 1.+1', 'Lemma x : two = 2', 'Proof', 'by []', 'Qed']
    """
    return [one for part in re.split(r"\.(?=\s|$)", without_comments(text)) if (one := normalized(part))]


def definitions(text: str) -> dict[str, str]:
    """The sentences of a file that give a name its meaning, by that name.

    >>> definitions("Definition sq x := x * x. Theorem t : sq 2 = 4. Qed.")
    {'sq': 'Definition sq x := x * x'}
    """
    found: dict[str, str] = {}
    for sentence in sentences(text):
        match = _MEANING.match(sentence)
        if match:
            name = match.group(1)
            if name in found:
                raise ClaimError(f"a Coq file defines {name!r} twice; give the second a name of its own")
            found[name] = sentence
    return found


def forbidden(text: str) -> list[str]:
    """What a file contains of the forbidden words, comments not counted.

    >>> forbidden("Lemma a : False. Admitted. (* Axiom *)")
    ['Admitted']
    """
    return sorted({normalized(match.group(1)) for match in _FORBIDDEN.finditer(without_comments(text))})


def imports(text: str) -> tuple[str, ...]:
    """The files of ours that a file needs.

    >>> imports("Require Import Reals. From Quadrics Require Import Quadric Rescaling.")
    ('Quadric', 'Rescaling')
    """
    return tuple(name for names in _IMPORT.findall(without_comments(text)) for name in names.split())


class Sources:
    """The Coq files of a folder: their texts, and the order in which they can be compiled.

    Raises
    ------
    ClaimError
        If a file needs one that is not there, or the files need each other in a circle.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self.texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.v"))}
        self.imports = {name: imports(text) for name, text in self.texts.items()}
        for name, needed in self.imports.items():
            missing = [one for one in needed if one not in self.texts]
            if missing:
                raise ClaimError(f"{name}.v needs {missing[0]}.v, which is not in {folder}")
        try:
            self.order = tuple(TopologicalSorter(self.imports).static_order())
        except CycleError as error:
            raise ClaimError(f"Coq files need each other in a circle: {' -> '.join(error.args[1])}") from None

    def needed(self, name: str) -> tuple[str, ...]:
        """A file and everything it rests on, in the order of compilation."""
        if name not in self.texts:
            raise ClaimError(f"there is no {name}.v in {self.folder}")
        reached, waiting = {name}, [name]
        while waiting:
            new = [one for one in self.imports[waiting.pop()] if one not in reached]
            reached.update(new)
            waiting += new
        return tuple(one for one in self.order if one in reached)


@cache
def sources() -> Sources:
    """The files of the package, read once."""
    return Sources()
