"""Editing: what experts change in the content, told in their words, from one edition to the next."""

from augenblick.editing.difference import Difference, TermChange, difference, told
from augenblick.editing.edition import Edition
from augenblick.editing.edits import Conflict, Edit, Merge, edits, merge

__all__ = ["Conflict", "Difference", "Edit", "Edition", "Merge", "TermChange", "difference", "edits", "merge", "told"]
