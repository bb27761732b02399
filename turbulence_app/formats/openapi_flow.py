"""Resources to a journey: look, make one, look at it, change it, remove it, with a decision wherever a person has one.

Nothing is guessed twice: an id that an answer gives is extracted there and used by every later request that needs it;
a body that names another resource's id gets that resource first.
"""

from __future__ import annotations

from collections.abc import Sequence

from turbulence_app.domain.workflow import BranchStep, DecideStep, EndStep, HttpStep, RepeatStep, Step
from turbulence_app.formats.names import Taken, singular, snake
from turbulence_app.formats.openapi_calls import Calls
from turbulence_app.formats.openapi_links import identity_in
from turbulence_app.formats.openapi_read import Operation
from turbulence_app.formats.openapi_resources import Resource
from turbulence_app.formats.openapi_values import MISSING, media_value

MAX_DEPTH = 6
ROUNDS = 5
DONE = "done"
_VERBS = {"PUT": "replaces", "PATCH": "changes", "POST": "sends", "DELETE": "removes"}


class Flow:
    """Writes the flow of a workflow, resource by resource."""

    def __init__(self, calls: Calls, resources: Sequence[Resource]) -> None:
        self.calls, self.resources = calls, resources
        self.by_identity: dict[str, Resource] = {}
        for resource in _all(resources, 0):
            if resource.identity and resource.identity not in self.by_identity:
                self.by_identity[resource.identity] = resource
                calls.identities.add(resource.identity)
                calls.taken.names.add(resource.identity)
        for resource in _all(resources, 0):
            self._extract(resource)

    def _extract(self, resource: Resource) -> None:
        """Let the first answer that holds a thing's id keep it."""
        if not resource.identity:
            return
        for operation in (resource.create, resource.listing):
            path = identity_in(self.calls.reader, operation, resource) if operation is not None else None
            if path is not None and operation is not None:
                key = (operation.method, operation.path)
                self.calls.extracts.setdefault(key, {}).setdefault(resource.identity, path)
                return

    def steps(self) -> list[Step]:
        """The whole journey."""
        if len(self.resources) == 1:
            body = self.of(self.resources[0], {}, 0)
        else:
            words = [(snake(r.word, "things"), _about(r)) for r in self.resources]
            ways = [self.of(r, {}, 0) for r in self.resources]
            body = self._choice("what_next", "What does this person do next?", words, ways, "is done and leaves")
        return [*body, EndStep(name=self.calls.taken.free("finished"), type="end", outcome="completed")]

    def of(self, resource: Resource, known: dict[str, str], depth: int) -> list[Step]:
        """Everything around one resource; ``known``: path parameters to the variables that hold them already."""
        if depth > MAX_DEPTH:
            self.calls.reader.note(f"What lies deeper than {MAX_DEPTH} resources below each other was left out.")
            return []
        one = snake(resource.one)
        steps: list[Step] = []
        if resource.listing is not None:
            steps += self.calls.steps(resource.listing, f"list_{snake(resource.word)}", known)
        if resource.create is not None:
            steps += [*self._needs(resource.create, (resource.identity,)), *self._create(resource, known)]
        for operation in resource.others:
            steps += self.calls.steps(operation, f"{operation.method.lower()}_{snake(resource.word)}", known)
        here = {**known, **dict.fromkeys(resource.names, resource.identity)}
        self._say_where_from(resource)
        if resource.read is not None:
            steps += self.calls.steps(resource.read, f"read_{one}", here)
        ways = self._ways(resource, here, depth)
        if not ways:
            return steps
        words = [(name, says) for name, says, _ in ways]
        prompt = f"The {resource.one} is there. What does this person do with it?"
        return [
            *steps,
            *self._choice(f"{one}_next", prompt, words, [w for _, _, w in ways], f"leaves the {resource.one}"),
        ]

    def _create(self, resource: Resource, known: dict[str, str]) -> list[Step]:
        assert resource.create is not None
        verb = "create" if resource.has_items or resource.listing is not None else "send"
        made = self.calls.steps(resource.create, f"{verb}_{snake(resource.one)}", known)
        if not resource.has_items:
            return made
        name = made[0].name
        end = EndStep(name=self.calls.taken.free(f"no_{snake(resource.one)}"), type="end", outcome="failed")
        failed = self.calls.taken.free(f"{name}_failed")
        return [*made, BranchStep(name=failed, type="branch", condition=f"{name}.failed", if_true=(end,))]

    def _ways(self, resource: Resource, here: dict[str, str], depth: int) -> list[tuple[str, str, list[Step]]]:
        """What can be done with one thing: an option, its words, its steps."""
        one = snake(resource.one)
        ways: list[tuple[str, str, list[Step]]] = []

        def add(name: str, says: str, steps: list[Step]) -> None:
            if steps:
                ways.append((name, says, steps))

        for operation in resource.changes:
            steps = [*self._needs(operation, (resource.identity,)), *self.calls.steps(operation, f"change_{one}", here)]
            add("change", _says(operation, f"changes the {resource.one}"), steps)
        for word, operation in resource.actions:
            steps = [*self._needs(operation, (resource.identity,)), *self.calls.steps(operation, f"{word}_{one}", here)]
            add(word, _says(operation, f"{_VERBS[operation.method]} {word.replace('_', ' ')}"), steps)
        for child in resource.children:
            add(snake(child.word), f"goes to its {_many(child)}", self.of(child, here, depth + 1))
        if resource.delete is not None:
            steps = self.calls.steps(resource.delete, f"delete_{one}", here)
            add("delete", _says(resource.delete, f"removes the {resource.one}"), steps)
        return ways

    def _choice(
        self, name: str, prompt: str, words: list[tuple[str, str]], ways: list[list[Step]], leaving: str
    ) -> list[Step]:
        """A decision that comes again until the person is done, or has removed what it was about.

        It is asked before the loop and at the end of each round, so that somebody who comes back is asked anew.
        """
        free = self.calls.taken.free
        name = free(name)
        taken, options, last = Taken(DONE), dict[str, str](), list[Step]()
        branches: list[Step] = []
        for (option, says), steps in zip(words, ways, strict=True):
            option = taken.free(option)  # noqa: PLW2901 - the option's final name
            options[option] = says
            condition = f"{name} == '{option}'"
            branch = BranchStep(name=free(f"{name}_{option}"), type="branch", condition=condition, if_true=tuple(steps))
            (last if option == "delete" else branches).append(branch)
        options[DONE] = leaving

        def ask(word: str) -> DecideStep:
            step = free(f"{word}_{name}")
            return DecideStep(name=step, type="decide", decision=name, prompt=prompt, options=options, output_var=name)

        first = ask("ask")
        if not branches:
            return [first, *last]
        ends = [DONE, *(["delete"] if last else [])]
        going = " and ".join(f"{name} != '{end}'" for end in ends)
        loop = {"name": free(f"{name}_rounds"), "type": "repeat", "while": going, "max": ROUNDS}
        return [first, RepeatStep.model_validate({**loop, "steps": (*branches, ask("again"))}), *last]

    def _needs(self, operation: Operation, but: tuple[str, ...]) -> list[Step]:
        """Other things that the body of a request names by their ids: each is made first, once."""
        body = media_value(self.calls.reader, operation.body)
        steps: list[Step] = []
        for key in body if body is not MISSING and isinstance(body, dict) else ():
            resource = self.by_identity.get(snake(key))
            if resource is None or resource.identity in but or resource not in self.resources:
                continue
            source = resource.create if self._gives(resource.create, resource) else resource.listing
            if source is None or not self._gives(source, resource):
                continue
            name = self.calls.taken.free(f"first_{snake(resource.one)}")
            inner = [*self._needs(source, (*but, resource.identity)), *self.calls.steps(source, f"get_{name}", {})]
            seen = next(step.name for step in inner[-2:] if isinstance(step, HttpStep))
            # an id that is there already is good enough: whoever has it has been here
            steps.append(BranchStep(name=name, type="branch", condition=f"not reached('{seen}') and not "
                                    f"{resource.identity}", if_true=tuple(inner)))  # fmt: skip
        return steps

    def _gives(self, operation: Operation | None, resource: Resource) -> bool:
        if operation is None:
            return False
        return resource.identity in self.calls.extracts.get((operation.method, operation.path), {})

    def _say_where_from(self, resource: Resource) -> None:
        if resource.identity and not any(resource.identity in found for found in self.calls.extracts.values()):
            self.calls.reader.note(
                f"No documented answer says where the id of {_many(resource)} stands, so the example of the path "
                f"is used; write an 'extract' for {resource.identity!r}."
            )


def _all(resources: Sequence[Resource], depth: int) -> list[Resource]:
    found: list[Resource] = []
    for resource in resources if depth <= MAX_DEPTH else ():
        found += [resource, *_all(resource.children, depth + 1)]
    return found


def _many(resource: Resource) -> str:
    return resource.word.replace("_", " ")


def _about(resource: Resource) -> str:
    """What can be done with a resource, in the document's own words where it has some."""
    known = [o for o in (resource.create, resource.listing, resource.read, *resource.others) if o is not None]
    words = list(dict.fromkeys(w for o in known if (w := _says(o, ""))))
    return ", or ".join(words[:2]) if words else f"goes to the {_many(resource)}"


def _says(operation: Operation, otherwise: str) -> str:
    """The document's own words for an option, in the third person where that is easy; else ours."""
    words = operation.says.rstrip(".")
    first, _, rest = words.partition(" ")
    if not words or len(words) > 100:
        return otherwise
    if first.isascii() and first.isalpha() and rest and not first.endswith("s"):
        ending = "es" if first.lower().endswith(("ch", "sh", "x", "o")) else "s"
        third = f"{first[:-1]}ies" if first.endswith("y") and first[-2:-1] not in "aeiou" else f"{first}{ending}"
        return f"{third.lower()} {rest}"
    return otherwise if singular(first) == first else words[:1].lower() + words[1:]
