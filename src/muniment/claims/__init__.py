"""Who said what, which numbers, which claims: found in the text by rules, decided by a person."""
