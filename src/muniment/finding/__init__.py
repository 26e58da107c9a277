"""The index, the query language and the passages that answer a query."""
