"""The style sheet, written from tokens. Widgets choose a variant by the dynamic property ``kind``."""

from __future__ import annotations

from turbulence_app.gui.tokens import MONO, RADIUS_CARD, RADIUS_CONTROL, SANS, Tokens, ink, mix

_SHEET = """
* {{ outline: none; }}
QWidget {{ color: {text}; font-family: "{sans}"; font-size: {body}px; }}
QMainWindow, QDialog, QStackedWidget#places {{ background: {ground}; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {line}; border-radius: 5px; padding: 5px 8px; }}

Card, QFrame[kind="card"] {{ background: {panel}; border: 1px solid {line}; border-radius: {card}px; }}
QFrame[kind="bar"] {{ background: {panel}; border: none; }}
QFrame[kind="well"] {{ background: {raised}; border: 1px solid {line}; border-radius: {control}px; }}
QFrame[kind="rule"] {{ background: {line}; border: none; max-height: 1px; min-height: 1px; }}
QLabel {{ background: transparent; border: none; }}
QLabel[kind="dim"], QLabel[kind="section"] {{ color: {dim_ink}; }}
QLabel[kind="small"] {{ color: {dim_ink}; font-size: {small}px; }}
QLabel[kind="bad"] {{ color: {bad_ink}; }}
QLabel[kind="warn"] {{ color: {warn_ink}; }}
QLabel[kind="good"] {{ color: {good_ink}; }}

QPushButton, QToolButton {{ background: {raised}; color: {text}; border: 1px solid {line}; border-radius: {control}px;
    padding: 5px 12px; min-height: 18px; font-weight: 500; }}
QToolButton {{ padding: 5px; }}
QPushButton:hover, QToolButton:hover {{ background: {hover}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {line}; }}
QPushButton:focus, QToolButton:focus {{ border: 2px solid {accent}; padding: 4px 11px; }}
QToolButton:focus {{ padding: 4px; }}
QToolButton[size="small"], QToolButton[size="small"]:focus {{ padding: 0px; min-height: 0px; }}
QPushButton:disabled, QToolButton:disabled {{ color: {dim}; background: {panel}; }}
QPushButton[kind="primary"] {{ background: {accent}; color: {on_accent}; border: 1px solid {accent};
    font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {accent_hover}; border-color: {accent_hover}; }}
QPushButton[kind="primary"]:pressed {{ background: {accent_press}; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {text}; }}
QPushButton[kind="primary"]:disabled {{ background: {raised}; color: {dim}; border: 1px solid {line}; }}
QPushButton[kind="danger"] {{ color: {bad_raised}; }}
QPushButton[kind="quiet"], QToolButton[kind="quiet"] {{ background: transparent; border: 1px solid transparent; }}
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover {{ background: {hover}; }}
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus {{ border: 2px solid {accent}; }}
QToolButton:checked, QPushButton:checked {{ background: {soft}; border-color: {accent_line}; }}
QToolButton::menu-indicator {{ image: none; }}
QPushButton[kind="chip"] {{ background: {raised}; color: {dim_ink}; border: 1px solid {line}; border-radius: {chip}px;
    padding: 1px 9px; min-height: {chip_h}px; font-size: {small}px; font-weight: 400; }}
QPushButton[kind="chip"]:hover {{ background: {hover}; color: {text}; }}
QPushButton[kind="chip"]:checked {{ background: {soft}; color: {accent_ink}; border-color: {accent}; }}
QPushButton[kind="chip"]:focus {{ border: 2px solid {accent}; padding: 0px 8px; }}
QPushButton[kind="status"] {{ background: transparent; color: {dim_ink}; border: 1px solid transparent;
    border-radius: 5px; padding: 0px 6px; min-height: {chip_h}px; font-size: {small}px; font-weight: 400; }}
QPushButton[kind="status"][tone="good"] {{ color: {good_ink}; }}
QPushButton[kind="status"][tone="warn"] {{ color: {warn_ink}; }}
QPushButton[kind="status"]:hover {{ background: {hover}; }}
QPushButton[kind="status"]:focus {{ border: 2px solid {accent}; padding: 0px 5px; }}
QPushButton[refused="true"] {{ background: {panel}; color: {dim}; border: 1px dashed {line}; }}
QFrame[kind="segments"] {{ background: {raised}; border: 1px solid {line}; border-radius: {control}px; }}
QPushButton[kind="segment"] {{ background: transparent; color: {dim_ink}; border: 1px solid transparent;
    border-radius: 5px; padding: 2px 10px; min-height: 18px; font-weight: 500; }}
QPushButton[kind="segment"]:hover {{ background: {hover}; color: {text}; }}
QPushButton[kind="segment"]:checked {{ background: {soft}; color: {accent_ink}; border-color: {accent_line}; }}
QPushButton[kind="segment"]:focus {{ border: 2px solid {accent}; padding: 1px 9px; }}

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ background: {raised}; color: {text};
    border: 1px solid {line}; border-radius: {control}px; padding: 4px 8px; selection-background-color: {accent};
    selection-color: {on_accent}; }}
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover {{ border-color: {edge}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{
    border: 2px solid {accent}; padding: 3px 7px; }}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{ color: {dim};
    background: {panel}; }}
QLineEdit[kind="bare"], QPlainTextEdit[kind="bare"], QTextEdit[kind="bare"] {{ background: transparent;
    border: 1px solid transparent; padding: 1px 3px; }}
QLineEdit[kind="bare"]:hover, QTextEdit[kind="bare"]:hover {{ border-color: {line}; }}
QLineEdit[kind="bare"]:focus, QPlainTextEdit[kind="bare"]:focus, QTextEdit[kind="bare"]:focus {{
    border: 2px solid {accent}; padding: 0px 2px; }}
QLineEdit[kind="number"], QSpinBox, QDoubleSpinBox {{ font-family: "{mono}"; font-size: {mono_size}px;
    padding: 2px 5px; }}
QLineEdit[kind="number"]:focus, QSpinBox:focus, QDoubleSpinBox:focus {{ padding: 1px 4px; }}
QSpinBox, QDoubleSpinBox {{ padding: 2px 8px; }}
QSpinBox:focus, QDoubleSpinBox:focus {{ padding: 1px 7px; }}
QLineEdit[kind="numberbare"] {{ font-family: "{mono}"; font-size: {mono_size}px; background: transparent;
    border: 1px solid transparent; padding: 1px 3px; }}
QLineEdit[kind="numberbare"]:hover {{ border-color: {line}; background: {raised}; }}
QLineEdit[kind="numberbare"]:focus {{ border: 2px solid {accent}; background: {raised}; padding: 0px 2px; }}
QLineEdit[kind="numberbare"]:disabled {{ background: transparent; }}
QTextEdit[kind="words"] {{ background: transparent; border: 1px solid transparent; font-size: {words}px;
    padding: 4px 2px; }}
QTextEdit[kind="words"]:hover {{ border-color: {line}; }}
QTextEdit[kind="words"]:focus {{ border: 2px solid {accent}; padding: 3px 1px; }}
QPushButton[origin="said"] {{ color: {accent_ink}; border-color: {accent_line}; background: {panel}; }}
QPushButton[origin="assumed"] {{ background: transparent; border-color: transparent; padding: 1px 4px; }}
QPushButton[origin="assumed"]:focus {{ padding: 0px 3px; }}
QPushButton[origin="edited"] {{ color: {warn_ink}; border-color: {warn_line}; background: {panel}; }}
QPushButton[kind="chip"]:pressed {{ background: {soft}; color: {text}; border-color: {accent}; }}
QPlainTextEdit[kind="code"], QTextEdit[kind="code"] {{ font-family: "{mono}"; font-size: {mono_size}px;
    background: {raised}; }}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{
    width: 0px; border: none; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url("{chevron}"); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{ background: {raised}; border: 1px solid {line}; padding: 4px; }}

QCheckBox, QRadioButton {{ spacing: 8px; background: transparent; }}
QCheckBox::indicator {{ width: 15px; height: 15px; border: 1px solid {edge}; border-radius: 4px;
    background: {raised}; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; image: url("{tick}"); }}
QCheckBox:focus {{ color: {accent_ink}; }}
QCheckBox::indicator:focus {{ border: 2px solid {accent}; }}

QAbstractItemView {{ background: transparent; border: none; alternate-background-color: {raised};
    selection-background-color: {soft}; selection-color: {text}; gridline-color: {line}; }}
QAbstractItemView::item {{ padding: 4px 8px; border-radius: 5px; }}
QAbstractItemView::item:hover {{ background: {hover}; }}
QAbstractItemView::item:selected {{ background: {soft}; color: {text}; }}
QTableView::item, QTreeView::item {{ border-radius: 0px; border-bottom: 1px solid {line}; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{ background: transparent; color: {dim_ink}; border: none; border-bottom: 1px solid {line};
    padding: 5px 8px 5px 11px; font-size: {section}px; font-weight: 600; }}
QTableCornerButton::section {{ background: transparent; border: none; }}

QMenuBar {{ background: {panel}; padding: 2px 8px; }}
QMenuBar::item {{ background: transparent; padding: 4px 9px; border-radius: 5px; }}
QMenuBar::item:selected {{ background: {hover}; }}
QMenu {{ background: {raised}; border: 1px solid {line}; border-radius: 8px; padding: 5px; }}
QMenu::item {{ padding: 6px 22px 6px 12px; border-radius: 5px; }}
QMenu::item:selected {{ background: {soft}; }}
QMenu::item:disabled {{ color: {dim}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 5px 8px; }}
QMenu::icon {{ padding-left: 8px; }}

QScrollArea, QScrollArea > QWidget > QWidget#body {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {scroll}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 30px; }}
QScrollBar::handle:horizontal {{ min-width: 30px; }}
QScrollBar::handle:hover {{ background: {dim}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; }}

QProgressBar {{ background: {track}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
    text-align: center; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QTabBar {{ background: transparent; }}
QTabBar::tab {{ background: transparent; color: {dim_ink}; padding: 5px 10px; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {text}; border-bottom: 2px solid {accent}; }}
QTabBar::tab:focus {{ color: {accent_ink}; }}
QTabWidget::pane {{ border: none; }}
QSplitter::handle {{ background: transparent; }}
QStatusBar {{ background: {panel}; border-top: 1px solid {line}; }}
"""


def stylesheet(tokens: Tokens, scale: float = 1.0, icons: dict[str, str] | None = None) -> str:
    """The whole sheet for a scheme at a scale of type; ``icons`` are files of the few pictures that QSS needs."""

    def px(size: float) -> int:
        return round(size * scale)

    pictures = {"chevron": "", "tick": "", **(icons or {})}
    colors = {name: getattr(tokens, name) for name in tokens.__dataclass_fields__}
    inks = {f"{name}_ink": ink(getattr(tokens, name), tokens.panel, tokens.text) for name in _INKS}
    inks["dim_ink"] = ink(tokens.dim, tokens.raised, tokens.text)
    return _SHEET.format(
        **colors, **inks, **pictures, sans=SANS, mono=MONO, card=RADIUS_CARD, control=RADIUS_CONTROL,
        body=px(13), words=px(15), warn_line=mix(tokens.warn, tokens.panel, 0.5), small=px(12), section=px(11),
        mono_size=px(12.5), chip=px(10), chip_h=px(16),
        bad_raised=ink(tokens.bad, tokens.raised, tokens.text), edge=mix(tokens.dim, tokens.line, 0.35),
        scroll=mix(tokens.dim, tokens.panel, 0.35), accent_line=mix(tokens.accent, tokens.panel, 0.5),
        accent_hover=mix(tokens.text, tokens.accent, 0.12), accent_press=mix(tokens.ground, tokens.accent, 0.15),
    )  # fmt: skip


_INKS = ("accent", "good", "warn", "bad", "second")
