"""The words: a persona's name, state and description, what it is like in numbers, and what makes numbers of words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar

from turbulence_app.gui.places.personas.portrait import Trait
from turbulence_app.gui.places.personas.portrait_strip import PortraitStrip
from turbulence_app.gui.places.personas.words_editor import WordsEditor
from turbulence_app.gui.widgets.basics import Button, Card, Chip, ElidedLabel, IconButton, Tone, row

BACKENDS = (("auto", "Best model here"), ("builtin", "Built-in model"), ("llamacpp", "llama.cpp"),
            ("ollama", "Ollama"), ("rules", "Rules only"))  # fmt: skip


WAYS = (
    ("once", "Ask once", "The model writes the policy's numbers into a form, and each is checked"),
    ("logits", "Read odds", "Every number is read from the model's own probabilities; needs llama.cpp"),
    ("votes", "Three votes", "Compile three times; where the votes differ is shown first"),
    ("models", "All models", "Every model here compiles once; where they differ is shown first"),
)
HINT = "What is underlined became a number."
FIRST = "Write in plain words who this is, then compile."


class DescriptionCard(Card):
    """Title and chips, the editor, the portrait, the compile line."""

    trait = Signal(str)
    """Path of the number that was asked for."""

    def __init__(self, run: Callable[[str], object]) -> None:
        super().__init__()
        self.setMinimumHeight(236)
        self.name = ElidedLabel("", "title")
        self.status = Chip("", "neutral")
        self.version = Chip("", "neutral")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.name, 1)
        head.addWidget(self.status)
        head.addWidget(self.version)
        self.hint = ElidedLabel(HINT, kind="dim")
        self.editor = WordsEditor()
        self.portrait = PortraitStrip()
        self.portrait.picked.connect(self.trait)
        self._build_compiling(run)
        self.body.addLayout(head)
        self.body.addWidget(self.portrait)
        self.body.addLayout(row(self.hint, self.report))
        self.body.addWidget(self.editor, 1)
        self.body.addWidget(self.progress)
        foot = row(self.compile, self.stop, self.backend, self.way, 1, self.compare)
        self.body.addLayout(foot)
        self.show_compiling(False)

    def _build_compiling(self, run: Callable[[str], object]) -> None:
        self._made = True
        self.compile = Button("Compile policy", "primary", "sparkles", "Make a policy of these words (Ctrl+Return)")
        self.compile.clicked.connect(lambda: run("personas.compile"))
        self.stop = Button("Stop", "plain", "square", "Stop compiling", lambda: run("personas.stop"))
        self.compare = IconButton(
            "columns-2", "Compare two models side by side", "plain", lambda: run("personas.compare")
        )
        self.backend = QComboBox()
        self.backend.setAccessibleName("Model that compiles")
        self.backend.setToolTip("Which model reads the words. Nothing leaves this machine with any of them.")
        for key, title in BACKENDS:
            self.backend.addItem(title, key)
        self.way = QComboBox()
        self.way.setAccessibleName("How the model is asked")
        self.way.setToolTip("How a model is asked: once, by its probabilities, or several times to see where it wavers")
        for place, (key, title, tip) in enumerate(WAYS):
            self.way.addItem(title, key)
            self.way.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.report = ElidedLabel("", "small", "small")
        self.report.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress of compiling")

    def show_status(self, text: str, tone: Tone, detail: str) -> None:
        """Approved, draft, or nothing yet."""
        self.status.setVisible(True)
        self.status.set(text, tone, {"good": "shield-check", "warn": "pencil"}.get(tone, ""))
        self.status.setAccessibleDescription(detail)
        self.status.setToolTip(detail)

    def show_portrait(self, traits: Sequence[Trait]) -> None:
        """What the persona is like in numbers; nothing without a policy."""
        self.portrait.show_traits(traits)

    def show_hint(self, held: int) -> None:
        """What lights up, and how to let go of what is held."""
        held_words = "Held: its numbers stay lit. Esc lets go."
        self.hint.setText(held_words if held else HINT if self._made else FIRST)

    def show_made(self, made: bool) -> None:
        """Whether numbers were made of the words: only then is anything underlined."""
        self._made = made
        self.show_hint(0)

    def show_compiling(self, busy: bool) -> None:
        """Swap the button for progress and a stop."""
        self.compile.setVisible(not busy)
        self.stop.setVisible(busy)
        self.progress.setVisible(busy)
        for widget in (self.backend, self.way, self.compare):
            widget.setEnabled(not busy)
        if busy:
            self.progress.setRange(0, 0)

    def show_progress(self, done: int, total: int, what: str) -> None:
        """How far it is (``total`` 0: unknown)."""
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.report.setText(f"{what} {done} of {total}" if total else what)
