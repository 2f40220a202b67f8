"""Bank files → tables `bank.*` and rejects."""
