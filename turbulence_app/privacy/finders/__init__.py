"""What finds personal data and secrets in text: one file a family, each a function from a text to its hits.

Every pattern is linear: bounded repetitions, no nested ones, and starts that a look-behind keeps from piling up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from turbulence_app.privacy.finders import credentials, dates, money, national_ids, network, people, phones, places
from turbulence_app.privacy.finders.base import Hit

Finder = Callable[[str], Iterator[Hit]]

FINDERS: tuple[Finder, ...] = (
    credentials.find,
    network.find,
    money.find,
    national_ids.find,
    phones.find,
    dates.find,
    people.find,
    places.find,
)
