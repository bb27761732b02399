"""Shrinking: the smallest visit or world that still breaks the same invariant (see :mod:`..engine.shrinking`)."""

from __future__ import annotations

from turbulence_app.engine.shrinking.visit import FIXED, shrink

__all__ = ["FIXED", "shrink"]
