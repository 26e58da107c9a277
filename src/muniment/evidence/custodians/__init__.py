"""Copies of a case with custodians: writing them, reading them back, and mending from them. No keys are needed."""
