"""Tables of the catalogue: what is sealed after reading: page and document seals, and where their rasters lie."""
