"""Expressions at 50 digits, with a bound of the error of their float64 evaluation that is computed and not chosen.

``Reference`` runs the rounding-error analysis along with the expression: each node adds a few units in the last
place of its own value to what its operands' errors become under its derivative.
"""

from __future__ import annotations

import mpmath
import sympy
from sympy import Max, Min

from numerics.bridge import torch_function

EPS = 2.0**-53
STEPS = (sympy.sign, sympy.floor, sympy.ceiling)
ULPS = 16  # of a torch function; its documentation promises none, glibc and SLEEF stay below 4, gamma by exp needs more


def exact(expr, values):
    return expr.subs({s: sympy.Rational(v) for s, v in values.items()}).evalf(50)


class Reference:
    """An expression with all its nodes, and their derivatives by their operands, at 50 digits."""

    def __init__(self, expr):
        self.expr = expr
        self.symbols = sorted(expr.free_symbols, key=str)
        self.nodes = list(dict.fromkeys(sympy.postorder_traversal(expr)))
        self.edges = {node: self._slopes(node) for node in self.nodes}
        outputs = [*self.nodes, *(slope for edges in self.edges.values() for _, slope in edges)]
        self.evaluate = sympy.lambdify(self.symbols, outputs, "mpmath", cse=True)

    @staticmethod
    def _slopes(node):
        if not node.args or node.is_Add or isinstance(node, (Max, Min, *STEPS)):
            return []
        variables = [sympy.Dummy(real=True) for _ in node.args]
        head = node.func(*variables, evaluate=False)
        back = dict(zip(variables, node.args, strict=True))
        return [(arg, head.diff(v).xreplace(back)) for v, arg in back.items() if not arg.is_Integer]

    def __call__(self, values):
        """Return the value and a bound of the error of its float64 evaluation."""
        with mpmath.workdps(50):
            results = [mpmath.mpmathify(v) for v in self.evaluate(*(mpmath.mpf(values[s]) for s in self.symbols))]
        size = {node: abs(v) for node, v in zip(self.nodes, results, strict=False)}
        slopes = iter(results[len(self.nodes) :])
        error = {}
        for node in self.nodes:  # operands come before what they are operands of
            inner = [error[arg] for arg in node.args]
            if node.is_Symbol or node.is_Integer or isinstance(node, STEPS):
                error[node] = 0
            elif not node.args:
                error[node] = size[node] * EPS
            elif node.is_Add:
                error[node] = sum(inner) + len(inner) * EPS * sum(size[arg] for arg in node.args)
            elif isinstance(node, (Max, Min)):
                error[node] = max(inner)
            else:
                ulps = ULPS + 2 * len(inner)
                if isinstance(node, sympy.gamma):
                    ulps += ULPS * abs(mpmath.log(size[node]))
                error[node] = ulps * EPS * size[node]
                error[node] += sum(2 * abs(next(slopes)) * error[arg] for arg, _ in self.edges[node])
        return results[len(self.nodes) - 1], error[self.expr]


def check(reference, values):
    value, error = reference(values)
    symbols = reference.symbols
    got = torch_function(reference.expr, symbols)(*(values[s] for s in symbols)).item()
    assert abs(got - value) <= error, (got, value, error)
