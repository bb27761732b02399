"""The first window's ear: what later starts ask it to open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from turbulence_app.gui.instance import MOST_BYTES, OK, Door, read_message

PATIENCE_MS = 2000
"""How long a caller may take to say what it wants."""


class InstanceServer(QObject):
    """Listens at the door for as long as the window lives. ``asked`` comes with a path, or None: only to the front."""

    asked = Signal(object)

    def __init__(self, door: Door, parent: QObject) -> None:
        super().__init__(parent)
        self._door = door
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._meet)
        # the lock is ours, so a socket that is there was left behind by a window that is gone
        QLocalServer.removeServer(str(door.address))
        self.listening = self._server.listen(str(door.address))

    def close(self) -> None:
        """Listen no more."""
        self._server.close()
        self._door.close()

    def _meet(self) -> None:
        while (line := self._server.nextPendingConnection()) is not None:
            line.readyRead.connect(lambda line=line: self._hear(line))
            line.disconnected.connect(line.deleteLater)
            QTimer.singleShot(PATIENCE_MS, line, line.abort)
            if line.bytesAvailable():
                self._hear(line)

    def _hear(self, line: QLocalSocket) -> None:
        if not line.canReadLine():
            if line.bytesAvailable() > MOST_BYTES:
                line.abort()
            return
        known, path = read_message(bytes(line.readLine(MOST_BYTES).data()))
        if not known:
            line.abort()
            return
        line.write(OK)
        line.flush()
        line.disconnectFromServer()
        self._tell(path)

    def _tell(self, path: Path | None) -> None:
        self.asked.emit(path)
