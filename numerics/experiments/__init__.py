"""The papers' experiments, at the papers' sizes and beyond: each module has ``run``, ``figure`` and ``table``."""
