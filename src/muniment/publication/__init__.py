"""What leaves the case for others: exports in the field's own formats."""
