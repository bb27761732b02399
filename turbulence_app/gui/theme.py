"""The one place that turns tokens into what Qt draws: palette, style sheet, fonts; dark and light."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

from turbulence_app.gui import assets
from turbulence_app.gui.stylesheet import stylesheet
from turbulence_app.gui.tokens import SCHEMES, TYPE, Role, Scheme, Tokens, ink
from turbulence_app.resources import resource_root

_QT_SCHEME: dict[Scheme, Qt.ColorScheme] = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}


class Theme(QObject):
    """The look in force. Follows the system's colour scheme unless ``pin`` says otherwise.

    There is one per application, at :meth:`current`. Widgets that paint themselves ask it while they paint; a change
    reaches them as Qt's own palette change, so nobody has to subscribe. ``changed`` is for charts and the like.
    """

    changed = Signal()
    pinned_changed = Signal()
    _current: ClassVar[Theme | None] = None

    def __init__(self, app: QApplication, pinned: Scheme | None = None, scale: float = 1.0) -> None:
        super().__init__(app)
        self._app = app
        self._pinned = pinned
        self.scale = scale
        assets.load_fonts()
        style = QStyleFactory.create("Fusion")
        if style is not None:
            app.setStyle(style)
        self._system = self._system_scheme()
        self.tokens: Tokens = SCHEMES[pinned or self._system]
        Theme._current = self
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.apply()

    @classmethod
    def current(cls) -> Theme:
        """The application's theme; there must be one."""
        if cls._current is None:
            raise RuntimeError("no theme yet: make Theme(app) before the first widget")
        return cls._current

    @property
    def pinned(self) -> Scheme | None:
        """The scheme that the user chose; None follows the system."""
        return self._pinned

    def pin(self, scheme: Scheme | None) -> None:
        """Hold one scheme, or follow the system again (None)."""
        self._pinned = scheme
        self._use(scheme or self._system)
        self.pinned_changed.emit()

    def set_scale(self, scale: float) -> None:
        """Size of all type relative to the design, 0.8 to 2."""
        self.scale = min(2.0, max(0.8, scale))
        self.apply()

    def apply(self) -> None:
        """Give the application palette, fonts and style sheet of the tokens in force."""
        self._app.setPalette(palette(self.tokens))
        self._app.setFont(self.font("body"))
        self._app.setStyleSheet(stylesheet(self.tokens, self.scale, _pictures(self.tokens)))
        self.changed.emit()

    def font(self, role: Role = "body") -> QFont:
        """The font of a role, at the user's scale. Figures in it have equal widths."""
        style = TYPE[role]
        font = QFont(style.family)
        font.setPixelSize(max(1, round(style.size * self.scale)))
        font.setWeight(QFont.Weight(style.weight))
        if style.spacing:
            font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100 + style.spacing)
        if style.family == "Inter":
            font.setFeature(QFont.Tag("tnum"), 1)
        for tag in ("calt", "liga", "dlig"):  # code is shown as it is typed: no "==" or ">=" in one piece
            font.setFeature(QFont.Tag(tag), 0)
        font.setStyleHint(QFont.StyleHint.Monospace if "Mono" in style.family else QFont.StyleHint.SansSerif)
        return font

    def color(self, token: str, alpha: float = 1.0) -> QColor:
        """A token's colour (or any ``#rrggbb``), optionally thinned."""
        color = QColor(getattr(self.tokens, token, token))
        color.setAlphaF(alpha)
        return color

    def ink(self, token: str, on: str = "panel") -> QColor:
        """A token's colour for words on another token: readable, contrast 4.5 at least."""
        tokens = self.tokens
        return QColor(ink(getattr(tokens, token, token), getattr(tokens, on, on), tokens.text))

    def icon(self, name: str, token: str = "text", size: int = 16, gap: int = 0) -> QIcon:
        """An icon in a token's colour; greyed where disabled; ``gap`` pixels of nothing at its right."""
        return assets.icon(name, self.color(token).name(), self.tokens.dim, size, gap)

    def pixmap(self, name: str, token: str = "text", size: int = 16, ratio: float = 1.0) -> QPixmap:
        """An icon as a picture, for painting."""
        return assets.icon_pixmap(name, self.color(token).name(), size, ratio)

    def _system_scheme(self) -> Scheme:
        known = self._app.styleHints().colorScheme()
        if known == Qt.ColorScheme.Unknown:  # minimal desktops say nothing: judge by the palette they gave
            lightness = self._app.palette().color(QPalette.ColorRole.Window).lightness()
            return "dark" if lightness < 128 else "light"
        return "dark" if known == Qt.ColorScheme.Dark else "light"

    def _system_changed(self) -> None:
        known = self._app.styleHints().colorScheme()
        if known == Qt.ColorScheme.Unknown:
            return
        self._system = "dark" if known == Qt.ColorScheme.Dark else "light"
        if self._pinned is None:
            self._use(self._system)

    def _use(self, scheme: Scheme) -> None:
        if self.tokens.scheme != scheme:
            self.tokens = SCHEMES[scheme]
            self.apply()


def _pictures(tokens: Tokens) -> dict[str, str]:
    folder = resource_root() / "icons" / "qss"
    return {"chevron": (folder / "chevron.svg").as_posix(), "tick": (folder / f"tick-{tokens.scheme}.svg").as_posix()}


def palette(tokens: Tokens) -> QPalette:
    """Qt's palette of a scheme, for what the style sheet does not reach (and for disabled text)."""
    made = QPalette()
    role = QPalette.ColorRole
    pairs = {
        role.Window: tokens.ground, role.WindowText: tokens.text, role.Base: tokens.panel,
        role.AlternateBase: tokens.raised, role.Text: tokens.text, role.Button: tokens.raised,
        role.ButtonText: tokens.text, role.BrightText: tokens.bad, role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent, role.Link: tokens.accent,
        role.LinkVisited: tokens.second, role.ToolTipBase: tokens.raised, role.ToolTipText: tokens.text,
        role.PlaceholderText: tokens.dim, role.Light: tokens.hover, role.Midlight: tokens.raised, role.Mid: tokens.line,
        role.Dark: tokens.line, role.Shadow: tokens.ground, role.Accent: tokens.accent,
    }  # fmt: skip
    for which, color in pairs.items():
        made.setColor(which, QColor(color))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(tokens.dim))
    return made
