"""What may stand where: the nouns' type annotations, walked along the data.

Error messages need it to name the keys that are known at a place and to fold a union's errors into the one alternative
that the writer meant.
"""

from __future__ import annotations

import types
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Path = tuple[str | int, ...]


def members(annotation: Any) -> tuple[list[Any], str | None]:
    """The alternatives of an annotation (``None`` left out) and the discriminating key, if it has one."""
    tag: str | None = None
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        found, tag = members(inner)
        for item in metadata:
            if isinstance(item, FieldInfo) and isinstance(item.discriminator, str):
                tag = item.discriminator
        return ([annotation] if len(found) == 1 and found[0] is inner else found), tag
    if get_origin(annotation) in (Union, types.UnionType):
        all_members: list[Any] = []
        for argument in get_args(annotation):
            inner_members, inner_tag = members(argument)
            tag = tag or inner_tag
            all_members.extend(inner_members)
        return [m for m in all_members if m is not type(None)], tag
    return [annotation], None


def bare(annotation: Any) -> Any:
    """The annotation without its metadata."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def model_of(annotation: Any) -> type[BaseModel] | None:
    """The noun that an annotation stands for, if it is one."""
    plain = bare(annotation)
    return plain if isinstance(plain, type) and issubclass(plain, BaseModel) else None


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """A noun's fields by the keys that files use."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def literals(model: type[BaseModel]) -> dict[str, tuple[Any, ...]]:
    """The fields of a noun that allow one fixed value (``type``, ``kind``)."""
    found = {key: info.annotation for key, info in fields(model).items()}
    return {key: get_args(a) for key, a in found.items() if get_origin(a) is Literal and len(get_args(a)) == 1}


def under(annotation: Any, part: str | int) -> Any:
    """The annotation of a child; ``Any`` where everything goes or nothing is known."""
    plain = bare(annotation)
    model = model_of(plain)
    if model is not None:
        info = fields(model).get(str(part))
        return info.annotation if info else Any
    arguments = get_args(plain)
    if get_origin(plain) is dict:
        return arguments[1]
    if get_origin(plain) in (tuple, list):
        return arguments[0]
    return Any


def narrow(candidates: list[Any], value: Any) -> Any | None:
    """The alternative that a value was meant for; ``None`` where that cannot be told."""
    if isinstance(value, dict):
        models = [m for c in candidates if (m := model_of(c)) is not None]
        tagged = [m for m in models if any(value.get(k) in v for k, v in literals(m).items())]
        if tagged:
            return tagged[0]
        scored = [(len(fields(m).keys() & value.keys()), -len(fields(m)), i, m) for i, m in enumerate(models)]
        scored = [s for s in scored if s[0] and not ("kind" in value and "kind" in fields(s[3]))]
        return max(scored)[3] if scored else None
    kinds: tuple[type, ...] = (float, int) if isinstance(value, int | float) and not isinstance(value, bool) else ()
    for candidate in candidates:
        plain = bare(candidate)
        if plain in kinds or (isinstance(value, str) and plain is str):
            return candidate
        if isinstance(value, list) and get_origin(plain) in (tuple, list):
            return candidate
    return None


def kinds(candidates: list[Any]) -> list[str]:
    """Every value of ``kind`` (or ``type``) that the alternatives allow."""
    models = [m for c in candidates if (m := model_of(c)) is not None]
    return [str(v) for m in models for values in literals(m).values() for v in values]


_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def describe(annotation: Any) -> str:
    """What may stand somewhere, in words."""
    candidates, _ = members(annotation)
    words: list[str] = []
    for candidate in candidates:
        word = _describe_one(candidate)
        if word not in words:
            words.append(word)
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else (words or ["a value"])[0]


def _describe_one(candidate: Any) -> str:
    plain = bare(candidate)
    model = model_of(plain)
    if model is not None:
        fixed = literals(model)
        if "type" in fixed:
            return f"a {fixed['type'][0]} step"
        needed = [f"{k}: {fixed[k][0]}" if k in fixed else k for k, i in fields(model).items() if i.is_required()]
        return "{" + ", ".join(needed) + "}" if needed else "a mapping (key: value)"
    if get_origin(plain) in (tuple, list):
        return "a list"
    if get_origin(plain) is dict:
        return "a mapping (key: value)"
    if get_origin(plain) is Literal:
        return "one of " + ", ".join(str(a) for a in get_args(plain))
    return _WORDS.get(plain, "a value")


def nearest(name: str, known: list[str] | tuple[str, ...]) -> str | None:
    """The known name that a mistyped one most likely means."""
    if not isinstance(name, str) or len(name) > 100:
        return None
    found = get_close_matches(name, known[:500], n=1, cutoff=0.6)
    if found:
        return str(found[0])
    same = [k for k in known if k.lower().replace("-", "_") == name.lower().replace("-", "_")]
    return same[0] if same else None


def mend_name(name: str, known: list[str] | tuple[str, ...], what: str = "known") -> str:
    """A mend for an unknown name: the nearest one, or what there is."""
    close = nearest(name, known)
    if close is not None:
        return f"did you mean {close!r}?"
    shown = ", ".join(sorted(known)[:20]) + (", …" if len(known) > 20 else "")
    return f"{what}: {shown}" if shown else f"nothing is {what}"
