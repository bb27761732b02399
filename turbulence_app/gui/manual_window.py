"""The manual in a window of its own; it needs no network."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut, QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QTextBrowser, QWidget

from turbulence_app.gui.context import Dialogs
from turbulence_app.gui.manual import INDEX, Page, find_pages, read_pages
from turbulence_app.gui.markdown import dress
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Card, IconButton, Splitter, row
from turbulence_app.resources import resource_root

NAME = int(Qt.ItemDataRole.UserRole)


class ManualWindow(QDialog):
    """Pages at the left, the page at the right. Nothing is fetched: links out of the manual are asked about."""

    def __init__(self, parent: QWidget, dialogs: Dialogs, folder: Path | None = None) -> None:
        super().__init__(parent)
        self._dialogs = dialogs
        self._folder = folder or resource_root() / "manual"
        self.pages = read_pages(self._folder)
        self._past: list[str] = []
        self._future: list[str] = []
        self.name = ""
        self.setWindowTitle("Manual – Turbulence")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.resize(1000, 720)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search the manual")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search the manual")
        self.search.setToolTip("Pages with all of these words; Enter goes from hit to hit")
        self.list = QListWidget()
        self.list.setAccessibleName("Pages")
        self.list.setToolTip("Pages of the manual")
        self.browser = QTextBrowser()
        self.browser.setAccessibleName("Page")
        self.browser.setToolTip("")
        self.browser.setOpenLinks(False)
        self.browser.setSearchPaths([str(self._folder)])
        self.browser.setProperty("kind", "bare")
        self.browser.document().setDocumentMargin(6)
        self.back = IconButton("arrow-left", "Back (Alt+Left)", clicked=self.go_back)
        self.forward = IconButton("arrow-right", "Forward (Alt+Right)", clicked=self.go_forward)
        self._build()
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._next_hit)
        self.list.currentItemChanged.connect(self._chosen)
        self.browser.anchorClicked.connect(self.follow)
        QShortcut(QKeySequence("Alt+Left"), self, self.go_back)
        QShortcut(QKeySequence("Alt+Right"), self, self.go_forward)
        QShortcut(QKeySequence("Ctrl+F"), self, self.search.setFocus)
        self._fill("")
        self.show_page(INDEX if any(page.name == INDEX for page in self.pages) else "")

    def _build(self) -> None:
        left = Card()
        left.body.addLayout(row(self.back, self.forward, 1))
        left.body.addWidget(self.search)
        left.body.addWidget(self.list, 1)
        right = Card()
        right.body.addWidget(self.browser, 1)
        halves = Splitter(Qt.Orientation.Horizontal, "manual", left, right)
        halves.setSizes([250, 750])
        halves.setStretchFactor(1, 1)
        box = QHBoxLayout(self)
        box.setContentsMargins(14, 14, 14, 14)
        box.addWidget(halves)

    # -- pages

    def show_page(self, name: str, *, keep: bool = True) -> None:
        """Show a page by its name; one that is not there leaves everything as it is."""
        page = next((page for page in self.pages if page.name == name), None)
        if page is None:
            if not self.pages:
                self.browser.setPlainText("The manual's pages are not with this installation.")
            return
        if keep and self.name and self.name != name:
            self._past.append(self.name)
            self._future.clear()
        self.name = name
        self._render(page)
        for index in range(self.list.count()):
            if self.list.item(index).data(NAME) == name:
                self.list.setCurrentRow(index)
        self.back.setEnabled(bool(self._past))
        self.forward.setEnabled(bool(self._future))

    def go_back(self) -> None:
        """The page before."""
        if self._past:
            self._future.append(self.name)
            self.show_page(self._past.pop(), keep=False)

    def go_forward(self) -> None:
        """The page that one came back from."""
        if self._future:
            self._past.append(self.name)
            self.show_page(self._future.pop(), keep=False)

    def follow(self, url: QUrl) -> None:
        """A link: another page, a place on this one, or, after asking, the browser."""
        if url.scheme() in ("http", "https"):
            address = url.toString()
            if self._dialogs.confirm("Open in the browser?", f"{address}\n\nThis leaves the program.", "Open"):
                QDesktopServices.openUrl(url)
            return
        if url.path().endswith(".md"):
            self.show_page(Path(url.path()).stem)
        if url.fragment():
            self.browser.scrollToAnchor(url.fragment())

    def _fill(self, words: str) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for page, hits in find_pages(self.pages, words):
            item = QListWidgetItem(f"{page.title}  ·  {hits}" if hits else page.title)
            item.setData(NAME, page.name)
            item.setToolTip(page.title)
            self.list.addItem(item)
            if page.name == self.name:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(NAME) != self.name:
            self.show_page(str(item.data(NAME)))

    def _next_hit(self) -> None:
        """The next hit on this page, else the first on the best page."""
        words = self.search.text().split()
        if not words or not self.list.count():
            return
        names = [str(self.list.item(index).data(NAME)) for index in range(self.list.count())]
        if self.name not in names:
            self.show_page(names[0])
        if not self.browser.find(words[0]):
            self.browser.moveCursor(QTextCursor.MoveOperation.Start)
            self.browser.find(words[0])

    # -- look

    def _render(self, page: Page) -> None:
        theme = Theme.current()
        self.browser.document().setDefaultFont(theme.font("body"))
        self.browser.setMarkdown(page.text)
        dress(self.browser, theme)
        self.browser.moveCursor(QTextCursor.MoveOperation.Start)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Other colours, other type: set the page anew."""
        if event.type() == QEvent.Type.PaletteChange and self.name:
            page = next(page for page in self.pages if page.name == self.name)
            self._render(page)
        super().changeEvent(event)
