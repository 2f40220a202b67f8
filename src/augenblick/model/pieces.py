"""How German banks cut a purpose into sub-fields."""

PIECE_WIDTH = 27
"""Characters of a sub-field of a purpose (SWIFT MT940, field 86): longer texts are cut there, in mid-word."""
