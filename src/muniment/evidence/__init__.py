"""What is sealed, how it is kept, and what that proves: commitments, log, vault, audit."""
