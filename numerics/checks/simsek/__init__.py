"""Measurements for the claims of Şimşek et al. (2021), a module per section."""
