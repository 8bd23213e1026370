"""Side-by-side runs against what one would use instead: ``python -m benchmarks``."""
