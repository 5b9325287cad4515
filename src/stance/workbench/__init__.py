"""Work on word lists: find their faults, see their terms in text, exchange and draft them."""
