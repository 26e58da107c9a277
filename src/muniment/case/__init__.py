"""The case: its folder, keys, settings, catalogue and journal."""
