"""The demonstration school's documents, and what makes them out of their sources."""
