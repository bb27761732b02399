"""News of jobs and models for the status line and the notices; the colour scheme and the size of the text."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject

from turbulence_app.domain.errors import KnownError
from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.chrome import NavigationBar, StatusLine
from turbulence_app.gui.context import Hub, Notices
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import Scheme
from turbulence_app.settings import Value, preferences


class News(QObject):
    """Says in the status line and in notices what the service told."""

    def __init__(self, status: StatusLine, notices: Notices, parent: QObject) -> None:
        super().__init__(parent)
        self._status, self._notices = status, notices
        self._model_answered = False

    def busy(self, jobs: int) -> None:
        """How many jobs are under way."""
        self._status.busy.setText("" if jobs == 0 else "working")

    def failed(self, failure: object) -> None:
        """A job failed and nobody else says so."""
        if isinstance(failure, JobFailed) and failure.known:  # a fault of the program is told with its report
            self._notices.show(failure.message + (f" ({failure.mend})" if failure.mend else ""), "warn")

    def model_used(self, text: str) -> None:
        """A model answered: from now on its name stands, not the one that would answer."""
        self._model_answered = True
        self._status.model.setText(text)

    def models_known(self, text: str, detail: str) -> None:
        """The model that would answer, and all of them."""
        if not self._model_answered:
            self._status.model.setText(text)
        self._status.model.setToolTip(detail)


class Look(QObject):
    """Colour scheme and text size, shown and kept."""

    def __init__(self, nav: NavigationBar, hub: Hub, notices: Notices, parent: QObject) -> None:
        super().__init__(parent)
        self._nav, self._hub, self._notices = nav, hub, notices

    def pin(self, scheme: str) -> None:
        """Dark, light, or as the system has it."""
        Theme.current().pin(None if scheme == "system" else cast(Scheme, scheme))
        self._keep("look.theme", scheme)
        self.show()

    def show(self) -> None:
        """Mark the scheme in force."""
        self._nav.show_scheme(Theme.current().pinned or "system")

    def zoom(self, scale: float) -> None:
        """Size of the text; the theme keeps it within its bounds."""
        Theme.current().set_scale(scale)
        self._keep("look.text", round(Theme.current().scale * 100))

    def _keep(self, key: str, value: Value) -> None:
        try:
            preferences().set(key, value)
        except KnownError as error:
            self._notices.show(str(error), "warn")
        self._hub.setting.emit(key)
