"""How the package's own objects reach Jupyter: through SymPy's printer hooks.

>>> import sympy
>>> class Half(Printable):
...     def _latex(self, printer):
...         return printer.doprint(sympy.Rational(1, 2))
>>> Half()._repr_latex_()
'$\\\\displaystyle \\\\frac{1}{2}$'
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import sympy


class Printable(ABC):
    """Mixin: a class with ``_latex(printer)`` prints as LaTeX in Jupyter and inside other expressions."""

    @abstractmethod
    def _latex(self, printer: Any) -> str:
        """Return the LaTeX of this object, without dollar signs (SymPy's printer hook)."""

    def _repr_latex_(self) -> str:
        """Return the LaTeX that Jupyter shows."""
        return f"$\\displaystyle {sympy.latex(self)}$"
