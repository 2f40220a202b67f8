"""What is known of one customer at a glance: a file for point look-ups while the customer is on the phone."""

from augenblick.lookup.reading import Lookup, Page
from augenblick.lookup.writing import LOOKUP_FILE, current, prepare, put_in_place, write

__all__ = ["LOOKUP_FILE", "Lookup", "Page", "current", "prepare", "put_in_place", "write"]
