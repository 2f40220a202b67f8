"""The ontology folder, read into dataclasses."""
