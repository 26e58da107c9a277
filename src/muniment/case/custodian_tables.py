"""Tables of the catalogue: who holds a copy, where, and what was last seen of it."""
