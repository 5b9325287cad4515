"""The errors that stance raises on purpose.

Every one is a `StanceError`; its message says what is wrong, where, and what to do::

    StanceError
    ├── InputError      nothing to work on: a missing path, an empty directory
    ├── ReadingError    one document cannot be read; a run lists it and goes on
    ├── LexiconError    a fault in a lexicon, modifier or target file, with its line
    ├── ModelError      a model file that is missing, damaged or of another feature schema
    ├── GoldError       a file of labels that does not fit its format
    └── OutputError     a place that cannot be written
"""

from __future__ import annotations


class StanceError(Exception):
    """Any fault that a user can mend; the command line prints it without a traceback."""


class InputError(StanceError):
    """There is nothing to work on at the given place."""


class ReadingError(StanceError):
    """One document cannot be read; the message is the reason alone, without the path."""


class LexiconError(StanceError):
    """A lexicon, modifier or target file breaks its format."""


class ModelError(StanceError):
    """A shipped or user-made model cannot be used."""


class GoldError(StanceError):
    """A file of gold labels breaks its format."""


class OutputError(StanceError):
    """Results cannot be written where they were asked for."""
