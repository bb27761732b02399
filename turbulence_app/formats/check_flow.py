"""Ways through a flow: what can never be reached, what never ends, what cannot be completed."""

from __future__ import annotations

from turbulence_app.domain.expressions import Compare, Expression, ExpressionError, Literal, parse
from turbulence_app.domain.workflow import (
    BranchStep,
    DecideStep,
    EndStep,
    GrpcStep,
    HttpStep,
    RepeatStep,
    Step,
    WaitStep,
    Workflow,
)
from turbulence_app.formats.check_places import Findings
from turbulence_app.formats.shape import Path

_MOVING = frozenset({"elapsed_ms", "step", "outcome", "body", "headers", "status_code", "context"})


class FlowCheck:
    """One walk over a workflow's tree. Afterwards ``dead`` holds the steps that nobody can reach."""

    def __init__(self, workflow: Workflow, found: Findings) -> None:
        self.found = found
        self.dead: set[str] = set()
        self.completes = False
        goes_on = self._steps(workflow.flow, ("flow",), True)
        if not goes_on and not self.completes:
            mend = "add an end with outcome completed, or let a way run off the end of the flow"
            found.add(("flow",), "dead end: no way through the flow completes a visit", mend, "warning")

    def _steps(self, steps: tuple[Step, ...], path: Path, alive: bool) -> bool:
        """Whether the flow goes on after these steps; ``alive``: whether it gets to them at all."""
        told = not alive
        for index, step in enumerate(steps):
            if not alive:
                self._bury(step)
                if not told:
                    mend = "remove it, or let what stands before it go on"
                    self.found.add((*path, index), f"step {step.name!r} can never be reached", mend, "warning")
                    told = True
                continue
            alive = self._step(step, (*path, index))
        return alive

    def _bury(self, step: Step) -> None:
        self.dead.add(step.name)
        if isinstance(step, BranchStep):
            self._steps((*step.if_true, *step.if_false), (), False)
        elif isinstance(step, RepeatStep):
            self._steps(step.steps, (), False)

    def _step(self, step: Step, path: Path) -> bool:
        guard = constant(step.guard) if step.guard is not None else True
        if guard is False:
            self.found.add(path, f"step {step.name!r} can never be reached", "its condition is always false", "warning")
            self._bury(step)
            return True
        if isinstance(step, EndStep):
            self.completes = self.completes or step.outcome == "completed"
            return guard is not True
        if isinstance(step, BranchStep):
            return self._branch(step, path) or guard is not True
        if isinstance(step, RepeatStep):
            return self._repeat(step, path) or guard is not True
        return True

    def _branch(self, step: BranchStep, path: Path) -> bool:
        if not step.if_true and not step.if_false:
            self.found.add(path, f"branch {step.name!r} leads nowhere", "give it if_true or if_false", "warning")
        value = constant(step.condition)
        if value is not None:
            message = f"the condition of branch {step.name!r} is always {'true' if value else 'false'}"
            self.found.add((*path, "condition"), message, "compare something that varies", "warning")
        for index, ways in ((True, step.if_true), (False, step.if_false)):
            if value is not None and value is not index and ways:
                name = "if_true" if index else "if_false"
                message = f"step {ways[0].name!r} can never be reached"
                self.found.add((*path, name, 0), message, "its branch is never taken", "warning")
        yes = self._steps(step.if_true, (*path, "if_true"), value is not False)
        no = self._steps(step.if_false, (*path, "if_false"), value is not True)
        return yes or no

    def _repeat(self, step: RepeatStep, path: Path) -> bool:
        value = constant(step.while_)
        if value is False:
            self.found.add((*path, "while"), f"loop {step.name!r} never runs", "its 'while' is always false", "warning")
            self._steps(step.steps, (), False)
            return True
        goes_on = self._steps(step.steps, (*path, "steps"), True)
        if goes_on and not _has_end(step.steps) and (value is True or not _moves(step)):
            message = (
                f"nothing in loop {step.name!r} changes what its 'while' asks: it only stops after {step.max} rounds"
            )
            self.found.add((*path, "while"), message, "ask for something that a step in the loop sets", "warning")
        return goes_on or value is None


def constant(source: str) -> bool | None:
    """The truth of an expression that asks nothing; ``None`` where it asks something or cannot be read."""
    try:
        root = parse(source).root
    except ExpressionError:
        return None
    if isinstance(root, Literal):
        return bool(root.value)
    if not isinstance(root, Compare) or root.operator not in ("==", "!="):
        return None
    if isinstance(root.left, Literal) and isinstance(root.right, Literal):
        return (root.left.value == root.right.value) is (root.operator == "==")
    return None


def _has_end(steps: tuple[Step, ...]) -> bool:
    return any(isinstance(step, EndStep) for step in inside(steps))


def inside(steps: tuple[Step, ...]) -> list[Step]:
    """The steps and all that are nested in them."""
    found: list[Step] = []
    for step in steps:
        found.append(step)
        if isinstance(step, BranchStep):
            found += inside((*step.if_true, *step.if_false))
        elif isinstance(step, RepeatStep):
            found += inside(step.steps)
    return found


def _moves(loop: RepeatStep) -> bool:
    """Whether anything that the loop's ``while`` reads can change inside it."""
    try:
        asked: Expression = parse(loop.while_)
    except ExpressionError:
        return True
    body = inside(loop.steps)
    written = {step.name for step in body} | _MOVING
    for step in body:
        if isinstance(step, DecideStep):
            written.add(step.output_var)
        elif isinstance(step, HttpStep | WaitStep | GrpcStep):
            written |= set(step.extract)
    return bool((asked.names() | asked.steps()) & written)
