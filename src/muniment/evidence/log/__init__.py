"""The transparency log: the formats of C2SP, and a log on disk as static files."""
