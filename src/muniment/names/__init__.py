"""Who and what is named on a page: persons, organisations, places, each at its passage.

Lists and rules propose, each by its name; a person decides. Nothing here ranks, scores or connects persons.
"""
