"""Sphinx configuration: everything is built from this checkout, without a network."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE / "_ext")]
# The tutorial runs in a process of its own, which must find the packages of this checkout too.
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])

project = "quadrics"
author = "the authors of quadrics"
copyright = "the authors of quadrics"
release = "0.1.0"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "plain_docstrings",
    "claims",
    "command_line",
    "benchmark_page",
    "theorem_table",
]
exclude_patterns = ["benchmarks", "_build", "_ext", "_templates", "claims/.*", "**.ipynb_checkpoints"]
templates_path = ["_templates"]
default_role = "code"

# Markdown and the tutorial.
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
nb_render_markdown_format = "myst"

# Docstrings.
autosummary_generate = True
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
napoleon_use_rtype = False
napoleon_use_ivar = True

# A type in a docstring may name several things; which one is clear to the reader.
suppress_warnings = ["ref.python"]

# Ledgers that are kept beside the pages and shown on the page of ledgers.
quadrics_ledgers = ["ledgers/cuda.json"]

html_theme = "furo"
html_title = "quadrics"
html_static_path = ["_static"]
html_css_files = ["claims.css"]
html_js_files = ["graph.js"]
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
# Formulas are typeset when they come into view: the page of a paper has many.
mathjax4_config = {"loader": {"load": ["ui/lazy"]}, "output": {"displayOverflow": "scroll"}}


def forget_modules_that_are_gone(app: Sphinx) -> None:
    """Remove the generated API pages of modules that no longer exist: they would be in no table of contents."""
    for page in (HERE / "api" / "generated").glob("*.rst"):
        module = ROOT.joinpath(*page.stem.split("."))
        if not module.with_suffix(".py").exists() and not (module / "__init__.py").exists():
            page.unlink()


def setup(app: Sphinx) -> None:
    """Runs before autosummary looks at the generated pages."""
    app.connect("builder-inited", forget_modules_that_are_gone, priority=100)
