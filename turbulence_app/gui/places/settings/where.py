"""Where things live: the folders and files of this person, and portable mode."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings

from turbulence_app.gui.widgets.basics import Button, Card, IconButton, Label, row
from turbulence_app.home import FLAG, home_directory, portable_flag, program_folders, shortened


def places(settings: QSettings) -> list[tuple[str, Path]]:
    """What lives where, in words and as paths."""
    home = home_directory()
    return [
        ("Data", home),
        ("Settings", home / "settings.toml"),
        ("Log", home / "log"),
        ("Reports", home / "reports"),
        ("Window layout", Path(settings.fileName())),
    ]


def path_words(path: Path) -> str:
    """A path for people: what is in the data folder is named from there."""
    home = home_directory()
    return f"…/{path.relative_to(home)}" if home in path.parents else shortened(str(path))


def breakable(path: str) -> str:
    """A path that may go on in the next line after any of its folders."""
    return path.replace("/", "/\u200b").replace("\\", "\\\u200b").replace("-", "-\u200b").replace("_", "_\u200b")


def portable_words() -> tuple[str, str]:
    """Whether portable mode is on, and how to change it."""
    flag = portable_flag()
    if flag is not None:
        return "Portable mode is on", f"Everything is kept beside {shortened(str(flag))}. Without that file: as usual."
    return "Portable mode is off", (
        f"An empty file named {FLAG} in {shortened(str(program_folders()[0]))} keeps everything beside the program, "
        "from the next start on."
    )


class WhereCard(Card):
    """Paths to read, each with a way there."""

    def __init__(self, settings: QSettings, show: Callable[[Path], object]) -> None:
        super().__init__("Where things live", spacing=3)
        self.body.addSpacing(4)
        for words, path in places(settings):
            folder = path if path.suffix == "" else path.parent
            there = IconButton("folder-open", f"{words}: open the folder", clicked=lambda f=folder: show(f))  # type: ignore[misc]
            there.setProperty("fit", "small")
            self.body.addWidget(Label(words, "small", "dim"))
            shown = Label(breakable(path_words(path)), "mono_small", wrap=True)
            shown.setAccessibleName(path_words(path))
            line = row(shown, there, spacing=4)
            line.setStretch(0, 1)
            self.body.addLayout(line)
        on, how = portable_words()
        self.body.addSpacing(8)
        self.body.addWidget(Label(on, "strong"))
        self.body.addWidget(Label(how, "small", "dim", wrap=True))


class FileCard(Card):
    """The file of the settings: out, in, and back to the defaults."""

    def __init__(self, export: Callable[[], object], bring: Callable[[], object], reset: Callable[[], object]) -> None:
        super().__init__("The file", spacing=6)
        self.state = Label("", "body", wrap=True)
        self.trouble = Label("", "small", "warn", wrap=True)
        self.export = Button("Export…", "plain", "download", "Write these settings into a file", export)
        self.bring = Button("Import…", "plain", "upload", "Take the settings of a file", bring)
        self.reset = Button("Reset all", "plain", "rotate-ccw", "Everything as by default; can be undone", reset)
        self.body.addWidget(self.state)
        self.body.addWidget(self.trouble)
        self.body.addLayout(row(self.export, self.bring, 1))
        self.body.addLayout(row(self.reset, 1))

    def show_state(self, text: str, trouble: str, changed: bool) -> None:
        """How many are changed, and what is wrong with the file."""
        self.state.setText(text)
        self.trouble.setText(trouble)
        self.trouble.setVisible(bool(trouble))
        self.reset.setEnabled(changed)
