"""Tables of the catalogue: timestamps of checkpoints, asked for and received."""
