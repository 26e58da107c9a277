"""Tables of the catalogue: which acts stand in which entry of the log."""
