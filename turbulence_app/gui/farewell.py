"""The system asks the program to end: a shutdown, the end of a session, a terminal that goes.

Nobody can be asked then. What is not saved stays in drafts, and the next start does not take it for a crash. Ctrl+C is
another matter: it comes from somebody, who can be asked.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier

ASKING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Farewell(QObject):
    """Hears the signals that ask a program to end and calls ``leave`` from the event loop, once.

    Python handles a signal only when it runs, and an idle window runs nothing: the signal's number comes through a
    socket that Qt watches. A signal that is ignored (``nohup``) stays ignored.
    """

    def __init__(self, leave: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._leave = leave
        self._here, self._there = socket.socketpair()
        self._here.setblocking(False)
        self._there.setblocking(False)
        self._notifier = QSocketNotifier(self._here.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._heard)
        self._before = {
            number: signal.signal(number, lambda *_: None)
            for number in ASKING
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        self._wakeup = signal.set_wakeup_fd(self._there.fileno(), warn_on_full_buffer=False)

    def close(self) -> None:
        """Signals do again what they did before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup)
        for number, before in self._before.items():
            signal.signal(number, before)
        self._here.close()
        self._there.close()

    def _heard(self) -> None:
        numbers = self._here.recv(64)
        if any(number in ASKING for number in numbers):
            self._notifier.setEnabled(False)  # a second signal is not to end the ending
            self._leave()
