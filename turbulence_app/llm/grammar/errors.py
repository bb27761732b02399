"""The one error of the converter."""

from __future__ import annotations


class GrammarError(ValueError):
    """The schema asks for something whose finite grammar is not known; says where and what."""
