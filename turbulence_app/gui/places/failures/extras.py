"""What is known of a failure beyond its replay: who passes beside it, why it fails, and files made of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.domain.failure import Failure, NearestPassing, Why
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.lately import PEOPLE, Lately
from turbulence_app.gui.places.exporting import CANCELLED, export, not_written, to_clipboard, written
from turbulence_app.gui.places.failures.reading import read_beside, read_why
from turbulence_app.gui.places.failures.state import address_of, file_stem


class FailureExtras(QObject):
    """Asked for when somebody looks; kept per failure."""

    changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context.hub)
        self._context = context
        self._beside: dict[str, NearestPassing | str] = Lately(PEOPLE)
        self._why: dict[str, Why | str] = Lately(PEOPLE)
        self._jobs: dict[tuple[str, str], Job] = {}

    def beside(self, failure: Failure) -> NearestPassing | str | None:
        """The nearest passing one; words where there is none; None while it is not known."""
        return self._beside.get(address_of(failure))

    def why(self, failure: Failure) -> Why | str | None:
        """The why-table; words where there is none; None while it is not known."""
        return self._why.get(address_of(failure))

    def running(self, what: str, failure: Failure) -> bool:
        """Whether an answer is awaited."""
        return (what, address_of(failure)) in self._jobs

    def ask_beside(self, failure: Failure) -> None:
        """Look for the nearest one who passes."""
        self._ask("nearest_passing", failure, self._beside, read_beside)

    def ask_why(self, failure: Failure) -> None:
        """Try what each choice does."""
        self._ask("why", failure, self._why, read_why)

    def stop(self, what: str, failure: Failure) -> None:
        """Nobody wants to know any more."""
        job = self._jobs.get((what, address_of(failure)))
        if job is not None:
            self._context.bridge.cancel(job)

    def _ask(self, op: str, failure: Failure, kept: dict[str, Any], read: Any) -> None:
        name = address_of(failure)
        if name in kept or (op, name) in self._jobs:
            return

        def take(reply: Any) -> None:
            self._jobs.pop((op, name), None)
            kept[name] = read(reply)
            self.changed.emit()

        def refuse(error: JobFailed) -> None:
            self._jobs.pop((op, name), None)
            if error.exit_status != CANCELLED:
                kept[name] = error.message + (f" ({error.mend})" if error.mend else "")
            self.changed.emit()

        params = {"failure_id": name, "project": str(self._context.project.data.root)}
        self._jobs[(op, name)] = self._context.bridge.request("run", op, params, on_result=take, on_error=refuse)
        self.changed.emit()

    def ask_service(self, failure: Failure) -> None:
        """The same user against the live service as it is now: where does it first answer otherwise?"""
        name = address_of(failure)
        if ("replay_live", name) in self._jobs:
            return

        def take(reply: Any) -> None:
            self._jobs.pop(("replay_live", name), None)
            strayed = (reply.get("divergence") or {}).get("text", "")
            words = (
                f"The service answers otherwise now: {strayed}" if strayed else "The service answers as it did then."
            )
            self._context.notices.show(words, "warn" if strayed else "good")
            self.changed.emit()

        def refuse(error: JobFailed) -> None:
            self._jobs.pop(("replay_live", name), None)
            not_written(self._context, "Not replayed", error)
            self.changed.emit()

        params = {"run_id": failure.run_id, "user": failure.user, "project": str(self._context.project.data.root)}
        request = self._context.bridge.request
        self._jobs[("replay_live", name)] = request("run", "replay_live", params, on_result=take, on_error=refuse)
        self.changed.emit()

    # -- files ------------------------------------------------------------------------------------

    def save_capsule(self, failure: Failure) -> None:
        """Keep it as a regression test in the project's ``capsules/``."""
        self._context.bridge.request(
            "run",
            "save_capsule",
            {"failure_id": address_of(failure), "project": str(self._context.project.data.root)},
            on_result=lambda reply: written(self._context, "Capsule saved", reply),
            on_error=lambda error: not_written(self._context, "Capsule not saved", error),
        )
        self._context.notices.show("Saving the capsule: it is run once more before it is written.", "info")

    def export(self, failure: Failure, kind: str) -> None:
        """Ask for a file and write it."""
        export(self._context, kind, address_of(failure), file_stem(failure))

    def copy_address(self, failure: Failure) -> None:
        """What names the failure on the command line, to the clipboard."""
        to_clipboard(address_of(failure))
        self._context.notices.show(f"{address_of(failure)} copied.", "info")

    def close(self) -> None:
        """The window closes."""
        for job in self._jobs.values():
            job.forget()
            self._context.bridge.cancel(job)
        self._jobs.clear()
