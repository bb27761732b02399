"""The one place that turns tokens into what Qt draws: palette, style sheet, fonts; dark and light."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from turbulence_app.gui import assets
from turbulence_app.gui.button_keys import ButtonKeys
from turbulence_app.gui.focus_ring import FocusRing
from turbulence_app.gui.look_style import LookStyle
from turbulence_app.gui.restyle import Restyle
from turbulence_app.gui.stylesheet import stylesheet
from turbulence_app.gui.tokens import SCHEMES, TYPE, Role, Scheme, Tokens, contrasted, families, ink
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

    def __init__(
        self, app: QApplication, pinned: Scheme | None = None, scale: float = 1.0, *, contrast: bool = False
    ) -> None:
        super().__init__(app)
        self._app = app
        self._pinned = pinned
        self.scale = scale
        # places ask thousands of times while they are made
        self._fonts: dict[tuple[Role, float], QFont] = {}
        assets.load_fonts()
        # the wishes are known from Qt 6.10 on; both objects must be held, a wrapper that goes takes the other along
        self._hints = app.styleHints()
        self._wishes = getattr(self._hints, "accessibility", lambda: None)()
        self._system = self._system_scheme()
        self._contrast, self._more = contrast, self._system_wants_contrast()
        self.tokens: Tokens = self._tokens(pinned or self._system)
        Theme._current = self
        app.setStyle(LookStyle())
        self.restyle = Restyle(self)
        self.ring = FocusRing(app)
        self.button_keys = ButtonKeys(app)
        self._hints.colorSchemeChanged.connect(self._system_changed)
        if self._wishes is not None:
            self._wishes.contrastPreferenceChanged.connect(self._contrast_changed)
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
        scale = min(2.0, max(0.8, scale))
        if scale != self.scale:
            self.scale = scale
            self.apply()

    @property
    def contrast(self) -> bool:
        """Whether edges and dim words are stronger than usual."""
        return self._contrast or self._more

    def set_contrast(self, more: bool) -> None:
        """Stronger edges, whatever the system says (False: as the system says)."""
        self._contrast = more
        self._use(self.tokens.scheme)

    def px(self, size: float) -> int:
        """A distance that grows with the type, in pixels."""
        return round(size * self.scale)

    def apply(self) -> None:
        """Give the application palette, fonts and style sheet of the tokens in force."""
        self._app.setPalette(palette(self.tokens))
        self._app.setFont(self.font("body"))
        self.restyle.wear(self._app, stylesheet(self.tokens, self.scale, _pictures(self.tokens)))
        self.changed.emit()

    def follow(self, widget: QWidget, call: Callable[[], object]) -> None:
        """Call a method whenever the look has changed: at once where ``widget`` is seen, else in its turn."""
        self.restyle.follow(widget, call)

    def font(self, role: Role = "body", *, scaled: bool = True) -> QFont:
        """The font of a role, at the user's scale (or, for what is scaled as a whole, as designed).

        Figures in it have equal widths.
        """
        key = (role, self.scale if scaled else 1.0)
        if key not in self._fonts:
            self._fonts[key] = self._made(role, key[1])
        return QFont(self._fonts[key])

    @staticmethod
    def _made(role: Role, scale: float) -> QFont:
        style = TYPE[role]
        font = QFont(list(families(style.family)))
        font.setPixelSize(max(1, round(style.size * scale)))
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
        known = self._hints.colorScheme()
        if known == Qt.ColorScheme.Unknown:  # minimal desktops say nothing: judge by the palette they gave
            lightness = self._app.palette().color(QPalette.ColorRole.Window).lightness()
            return "dark" if lightness < 128 else "light"
        return "dark" if known == Qt.ColorScheme.Dark else "light"

    def _system_changed(self) -> None:
        known = self._hints.colorScheme()
        if known == Qt.ColorScheme.Unknown:
            return
        self._system = "dark" if known == Qt.ColorScheme.Dark else "light"
        if self._pinned is None:
            self._use(self._system)

    def _system_wants_contrast(self) -> bool:
        if self._wishes is None:
            return False
        return bool(self._wishes.contrastPreference() == Qt.ContrastPreference.HighContrast)

    def _contrast_changed(self) -> None:
        self._more = self._system_wants_contrast()
        self._use(self.tokens.scheme)

    def _tokens(self, scheme: Scheme) -> Tokens:
        return contrasted(SCHEMES[scheme]) if self.contrast else SCHEMES[scheme]

    def _use(self, scheme: Scheme) -> None:
        wanted = self._tokens(scheme)
        if self.tokens != wanted:
            self.tokens = wanted
            self.apply()


def _pictures(tokens: Tokens) -> dict[str, str]:
    folder = resource_root() / "icons" / "qss"
    plain = {name: (folder / f"{name}.svg").as_posix() for name in ("chevron", "chevron-left", "chevron-right")}
    return plain | {name: (folder / f"{name}-{tokens.scheme}.svg").as_posix() for name in ("tick", "dash", "dot")}


def palette(tokens: Tokens) -> QPalette:
    """Qt's palette of a scheme, for what the style sheet does not reach (and for disabled text)."""
    made = QPalette()
    role = QPalette.ColorRole
    pairs = {
        role.Window: tokens.ground, role.WindowText: tokens.text, role.Base: tokens.panel,
        role.AlternateBase: tokens.raised, role.Text: tokens.text, role.Button: tokens.raised,
        role.ButtonText: tokens.text, role.BrightText: tokens.on_accent, role.Highlight: tokens.accent,
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
