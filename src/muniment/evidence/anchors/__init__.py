"""Anchors: RFC 3161 timestamps of checkpoints, as files asked for and received (docs/formats/anchors.md)."""
