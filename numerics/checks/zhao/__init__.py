"""Measurements for the claims of Zhao et al. (2024), a module per section."""
