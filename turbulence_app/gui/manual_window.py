"""The manual in a window of its own; it needs no network."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut, QTextBlock, QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QTextBrowser, QWidget

from turbulence_app.gui.context import Dialogs
from turbulence_app.gui.manual import INDEX, Heading, Page, find_sections, read_pages
from turbulence_app.gui.markdown import dress
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Card, IconButton, SectionLabel, Splitter, row
from turbulence_app.gui.widgets.search_line import SearchLine
from turbulence_app.resources import resource_root

NAME = int(Qt.ItemDataRole.UserRole)
ANCHOR = NAME + 1


class ManualWindow(QDialog):
    """Pages and the page's headings at the left, the page at the right. Nothing is fetched: links out are asked about.

    A search shows the sections in which all the words are, over all pages.
    """

    def __init__(self, parent: QWidget, dialogs: Dialogs, folder: Path | None = None) -> None:
        super().__init__(parent)
        self._dialogs = dialogs
        self._folder = folder or resource_root() / "manual"
        self.pages = read_pages(self._folder)
        self._past: list[tuple[str, int]] = []
        self._future: list[tuple[str, int]] = []
        self.name = ""
        self.setWindowTitle("Manual – Turbulence")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.resize(1060, 760)
        self.search = SearchLine("Search the manual", "Sections with all of these words; Enter goes from hit to hit")
        self.list = _list("Pages", "Pages of the manual, or the sections that were found")
        self.outline = _list("On this page", "Headings of this page")
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
        self._connect()
        self._fill("")
        self.show_page(INDEX if any(page.name == INDEX for page in self.pages) else "")

    def _build(self) -> None:
        left = Card()
        left.body.addLayout(row(self.back, self.forward, 1))
        left.body.addWidget(self.search)
        left.body.addWidget(self.list, 3)
        left.body.addSpacing(6)
        left.body.addWidget(SectionLabel("On this page"))
        left.body.addWidget(self.outline, 2)
        right = Card()
        right.body.addWidget(self.browser, 1)
        halves = Splitter(Qt.Orientation.Horizontal, "manual", left, right)
        halves.setSizes([280, 780])
        halves.setStretchFactor(1, 1)
        box = QHBoxLayout(self)
        box.setContentsMargins(14, 14, 14, 14)
        box.addWidget(halves)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._next_hit)
        self.list.currentItemChanged.connect(self._chosen)
        self.outline.itemClicked.connect(self._heading_chosen)
        self.outline.itemActivated.connect(self._heading_chosen)
        self.browser.anchorClicked.connect(self.follow)
        for keys, act in (
            ("Alt+Left", self.go_back),
            ("Alt+Right", self.go_forward),
            ("Ctrl+F", self.search.setFocus),
            ("Alt+Home", lambda: self.show_page(INDEX)),
        ):
            QShortcut(QKeySequence(keys), self, act)

    # -- pages

    def show_page(self, name: str, anchor: str = "") -> None:
        """Show a page by its name, at a heading; one that is not there leaves everything as it is."""
        page = self._page(name)
        if page is None:
            if not self.pages:
                self.browser.setPlainText("The manual's pages are not with this installation.")
            return
        if self.name and (self.name != name or anchor):
            self._past.append(self._here())
            self._future.clear()
        self._open(page)
        self._scroll_to(next((one for one in page.headings if one.anchor == anchor), None))

    def go_back(self) -> None:
        """Where one was before."""
        self._turn(self._past, self._future)

    def go_forward(self) -> None:
        """Where one came back from."""
        self._turn(self._future, self._past)

    def _turn(self, take: list[tuple[str, int]], give: list[tuple[str, int]]) -> None:
        if not take:
            return
        give.append(self._here())
        name, at = take.pop()
        page = self._page(name)
        if page is not None:
            self._open(page)
            self.browser.verticalScrollBar().setValue(at)

    def follow(self, url: QUrl) -> None:
        """A link: another page, a place on this one, or, after asking, the browser."""
        if url.scheme() in ("http", "https"):
            address = url.toString()
            if self._dialogs.confirm("Open in the browser?", f"{address}\n\nThis leaves the program.", "Open"):
                QDesktopServices.openUrl(url)
        elif url.path().endswith(".md"):
            self.show_page(Path(url.path()).stem, url.fragment())
        elif url.fragment():
            self.show_page(self.name, url.fragment())

    def _page(self, name: str) -> Page | None:
        return next((page for page in self.pages if page.name == name), None)

    def _here(self) -> tuple[str, int]:
        return self.name, self.browser.verticalScrollBar().value()

    def _open(self, page: Page) -> None:
        if page.name != self.name:
            self.name = page.name
            self._render(page)
            self._show_outline(page)
        self._mark()
        self.back.setEnabled(bool(self._past))
        self.forward.setEnabled(bool(self._future))

    def _scroll_to(self, heading: Heading | None) -> None:
        """The heading at the top; where there is none, the page's beginning."""
        bar = self.browser.verticalScrollBar()
        block = self._block(heading) if heading is not None and heading.level > 1 else None
        layout = self.browser.document().documentLayout()
        bar.setValue(0 if block is None else int(layout.blockBoundingRect(block).top()) - 6)

    def _block(self, heading: Heading) -> QTextBlock | None:
        """The heading's block: the same number among those that the page's text has."""
        page = self._page(self.name)
        number = page.headings.index(heading) if page is not None and heading in page.headings else -1
        block, seen = self.browser.document().begin(), -1
        while block.isValid():
            seen += bool(block.blockFormat().headingLevel())
            if seen == number:
                return block
            block = block.next()
        return None

    # -- lists

    def _show_outline(self, page: Page) -> None:
        self.outline.clear()
        for heading in page.headings:
            if heading.level > 1:
                item = QListWidgetItem("    " * (heading.level - 2) + heading.title)
                item.setData(ANCHOR, heading.anchor)
                item.setToolTip(heading.title)
                self.outline.addItem(item)

    def _fill(self, words: str) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        if not words.strip():
            for page in self.pages:
                self._add(page.title, page.name, "", page.title)
        for found in find_sections(self.pages, words):
            where = "" if found.heading.level == 1 else f"{found.page.title.split(':')[0]}  ›  "
            self._add(f"{where}{found.heading.title}", found.page.name, found.heading.anchor, found.snippet)
        self.list.blockSignals(False)
        self._mark()

    def _add(self, text: str, name: str, anchor: str, tip: str) -> None:
        item = QListWidgetItem(text)
        item.setData(NAME, name)
        item.setData(ANCHOR, anchor)
        item.setToolTip(tip)
        self.list.addItem(item)

    def _mark(self) -> None:
        """Which of the pages is open; sections that were found are left as they were chosen."""
        if self.search.text().strip():
            return
        self.list.blockSignals(True)
        for index in range(self.list.count()):
            if self.list.item(index).data(NAME) == self.name:
                self.list.setCurrentRow(index)
        self.list.blockSignals(False)

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.show_page(str(item.data(NAME)), str(item.data(ANCHOR)))
            self._show_hit()

    def _heading_chosen(self, item: QListWidgetItem) -> None:
        self.show_page(self.name, str(item.data(ANCHOR)))

    def _next_hit(self) -> None:
        """From one found section to the next."""
        if self.search.text().split() and self.list.count():
            self.list.setCurrentRow((self.list.currentRow() + 1) % self.list.count())

    def _show_hit(self) -> None:
        """The first of the words, marked from where the page stands."""
        words = self.search.text().split()
        if words:
            cursor = self.browser.cursorForPosition(self.browser.viewport().rect().topLeft())
            self.browser.setTextCursor(cursor)
            at = self.browser.verticalScrollBar().value()
            if not self.browser.find(words[0]):
                self.browser.verticalScrollBar().setValue(at)

    # -- look

    def _render(self, page: Page) -> None:
        theme = Theme.current()
        self.browser.document().setDefaultFont(theme.font("body"))
        self.browser.setMarkdown(page.text)
        dress(self.browser, theme)
        self.browser.moveCursor(QTextCursor.MoveOperation.Start)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Other colours, other type: set the page anew."""
        page = self._page(self.name) if event.type() == QEvent.Type.PaletteChange and self.name else None
        if page is not None:
            at = self.browser.verticalScrollBar().value()
            self._render(page)
            self.browser.verticalScrollBar().setValue(at)
        super().changeEvent(event)


def _list(name: str, tip: str) -> QListWidget:
    made = QListWidget()
    made.setAccessibleName(name)
    made.setToolTip(tip)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setTextElideMode(Qt.TextElideMode.ElideRight)
    return made
