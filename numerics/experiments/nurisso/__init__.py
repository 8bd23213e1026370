"""The experiments of Nurisso, Leroy and Vaccarino (2024), a module per figure."""
