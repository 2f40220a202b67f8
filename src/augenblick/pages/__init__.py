"""The reference pages below `docs/reference`, written from the sources they speak of."""
