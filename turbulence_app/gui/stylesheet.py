"""The style sheet, written from tokens. Widgets choose a variant by the dynamic property ``kind``."""

from __future__ import annotations

from collections.abc import Callable

from turbulence_app.gui.tokens import (
    MONO,
    RADIUS_BAR,
    RADIUS_CARD,
    RADIUS_CONTROL,
    RADIUS_HAIR,
    RADIUS_MENU,
    RADIUS_ROW,
    RADIUS_SMALL,
    SANS,
    TYPE,
    Tokens,
    families,
    mix,
    safe_ink,
)

_SHEET = """
* {{ outline: none; }}
QWidget {{ color: {text}; font-family: {sans}; font-size: {body}px; }}
QMainWindow, QDialog, QStackedWidget#places {{ background: {ground}; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {edge}; border-radius: {small_r}px;
    padding: 5px 8px; }}

Card, QFrame[kind="card"] {{ background: {panel}; border: 1px solid {line}; border-radius: {card}px; }}
QFrame[kind="bar"] {{ background: {panel}; border: none; }}
QFrame[kind="well"] {{ background: {raised}; border: 1px solid {line}; border-radius: {control}px; }}
QFrame[kind="rule"] {{ background: {line}; border: none; max-height: 1px; min-height: 1px; }}
QLabel {{ background: transparent; border: none; }}
{roles}
QLabel[kind="dim"], QLabel[kind="section"] {{ color: {dim_ink}; }}
QLabel[kind="small"] {{ color: {dim_ink}; font-size: {small}px; }}
QLabel[kind="bad"] {{ color: {bad_ink}; }}
QLabel[kind="warn"] {{ color: {warn_ink}; }}
QLabel[kind="good"] {{ color: {good_ink}; }}

QPushButton, QToolButton {{ background: {raised}; color: {text}; border: 1px solid {line}; border-radius: {control}px;
    padding: 5px 12px; min-height: {button_h}px; font-weight: 500; }}
QToolButton {{ padding: 5px; }}
QPushButton:hover, QToolButton:hover {{ background: {hover}; border-color: {edge}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {hover}; border-color: {dim}; }}
QPushButton[ring="true"]:focus, QToolButton[ring="true"]:focus {{ border: 2px solid {accent}; padding: 4px 11px; }}
QToolButton[ring="true"]:focus {{ padding: 4px; }}
QToolButton[fit="small"], QToolButton[fit="small"][ring="true"]:focus {{ padding: 0px; min-height: 0px; }}
QPushButton:disabled, QToolButton:disabled {{ color: {off}; background: {panel}; border-color: {line}; }}
QPushButton[kind="primary"] {{ background: {accent}; color: {on_accent}; border: 1px solid {accent};
    font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {accent_hover}; border-color: {accent_hover}; }}
QPushButton[kind="primary"]:pressed {{ background: {accent_press}; }}
QPushButton[kind="primary"][ring="true"]:focus {{ border: 2px solid {text}; }}
QPushButton[kind="primary"]:disabled {{ background: {raised}; color: {off}; border: 1px solid {line}; }}
QPushButton[kind="danger"] {{ color: {bad_ink}; }}
QPushButton[kind="danger"]:disabled {{ color: {off}; }}
QPushButton[kind="danger"]:hover {{ border-color: {bad}; }}
QPushButton[kind="quiet"], QToolButton[kind="quiet"] {{ background: transparent; border: 1px solid transparent; }}
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover {{ background: {hover}; }}
QPushButton[kind="quiet"]:disabled, QToolButton[kind="quiet"]:disabled {{ background: transparent; color: {off}; }}
QPushButton[kind="quiet"][ring="true"]:focus,
QToolButton[kind="quiet"][ring="true"]:focus {{ border: 2px solid {accent}; }}
QToolButton:checked, QPushButton:checked {{ background: {soft}; border-color: {accent_line}; }}
QToolButton::menu-indicator, QPushButton::menu-indicator {{ image: none; }}
QPushButton[kind="chip"] {{ background: {raised}; color: {dim_ink}; border: 1px solid {line}; border-radius: {chip}px;
    padding: 1px 9px; min-height: {chip_h}px; font-size: {small}px; font-weight: 400; }}
QPushButton[kind="chip"]:hover {{ background: {hover}; color: {text}; border-color: {edge}; }}
QPushButton[kind="chip"]:pressed {{ background: {soft}; color: {text}; border-color: {accent}; }}
QPushButton[kind="chip"]:checked {{ background: {soft}; color: {accent_ink}; border-color: {accent}; }}
QPushButton[kind="chip"]:disabled {{ background: transparent; color: {off}; border-color: {line}; }}
QPushButton[kind="chip"][ring="true"]:focus {{ border: 2px solid {accent}; padding: 0px 8px; }}
QPushButton[kind="status"] {{ background: transparent; color: {dim_ink}; border: 1px solid transparent;
    border-radius: {small_r}px; padding: 0px 6px; min-height: {chip_h}px; font-size: {small}px; font-weight: 400; }}
QPushButton[kind="status"][tone="good"] {{ color: {good_ink}; }}
QPushButton[kind="status"][tone="warn"] {{ color: {warn_ink}; }}
QPushButton[kind="status"][tone="bad"] {{ color: {bad_ink}; }}
QPushButton[kind="status"]:hover {{ background: {hover}; }}
QPushButton[kind="status"][ring="true"]:focus {{ border: 2px solid {accent}; padding: 0px 5px; }}
QPushButton[refused="true"] {{ background: {panel}; color: {dim}; border: 1px dashed {edge}; }}
QFrame[kind="segments"] {{ background: {raised}; border: 1px solid {line}; border-radius: {control}px; }}
QPushButton[kind="segment"] {{ background: transparent; color: {dim_ink}; border: 1px solid transparent;
    border-radius: {small_r}px; padding: 2px 10px; min-height: {button_h}px; font-weight: 500; }}
QPushButton[kind="segment"]:hover {{ background: {hover}; color: {text}; }}
QPushButton[kind="segment"]:checked {{ background: {soft}; color: {accent_ink}; border-color: {accent_line}; }}
QPushButton[kind="segment"]:disabled {{ color: {off}; }}
QPushButton[kind="segment"][ring="true"]:focus {{ border: 2px solid {accent}; padding: 1px 9px; }}
QPushButton[kind="line"] {{ background: transparent; border: 1px solid transparent; text-align: left;
    font-weight: 400; }}
QPushButton[kind="line"]:hover {{ background: {hover}; }}
QPushButton[kind="line"]:checked {{ background: {soft}; border-color: {accent_line}; }}
QPushButton[kind="line"][ring="true"]:focus {{ border: 2px solid {accent}; }}

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {{ background: {raised}; color: {text};
    border: 1px solid {line}; border-radius: {control}px; padding: 4px 8px; selection-background-color: {accent};
    selection-color: {on_accent}; placeholder-text-color: {dim_ink}; }}
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover {{ border-color: {edge}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus {{
    border: 2px solid {accent}; padding: 3px 7px; }}
QComboBox[ring="true"]:focus, QComboBox:on {{ border: 2px solid {accent}; padding: 3px 7px; }}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled, QTextEdit:disabled, QPlainTextEdit:disabled {{
    color: {off}; background: {panel}; placeholder-text-color: {off}; }}
QLineEdit:read-only {{ background: {panel}; }}
QLineEdit[kind="bare"], QPlainTextEdit[kind="bare"], QTextEdit[kind="bare"] {{ background: transparent;
    border: 1px solid transparent; padding: 1px 3px; }}
QLineEdit[kind="bare"]:hover, QTextEdit[kind="bare"]:hover {{ border-color: {line}; }}
QLineEdit[kind="bare"]:focus, QPlainTextEdit[kind="bare"]:focus, QTextEdit[kind="bare"]:focus {{
    border: 2px solid {accent}; padding: 0px 2px; }}
QLineEdit[kind="number"], QAbstractSpinBox {{ font-family: {mono}; font-size: {mono_size}px; padding: 2px 5px; }}
QLineEdit[kind="number"]:focus, QAbstractSpinBox:focus {{ padding: 1px 4px; }}
QAbstractSpinBox {{ padding: 2px 8px; }}
QAbstractSpinBox:focus {{ padding: 1px 7px; }}
QLineEdit[kind="numberbare"] {{ font-family: {mono}; font-size: {mono_size}px; background: transparent;
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
QPushButton[origin="assumed"][ring="true"]:focus {{ padding: 0px 3px; }}
QPushButton[origin="edited"] {{ color: {warn_ink}; border-color: {warn_line}; background: {panel}; }}
QPlainTextEdit[kind="code"], QTextEdit[kind="code"] {{ font-family: {mono}; font-size: {mono_size}px;
    background: {raised}; }}
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus {{ background: transparent; border: none;
    padding: 0px 7px; }}
QComboBox QLineEdit {{ background: transparent; border: none; padding: 0px; }}
SearchLine, SearchLine:focus {{ padding: 0px 2px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0px; border: none; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url("{chevron}"); width: 14px; height: 14px; }}
QComboBoxPrivateContainer {{ background: {raised}; border: 1px solid {edge}; border-radius: {menu}px; }}
QComboBox QAbstractItemView {{ background: {raised}; border: 1px solid {edge}; border-radius: {menu}px; padding: 4px;
    selection-background-color: {soft}; selection-color: {text}; }}
QComboBox QAbstractItemView[ring="true"]:focus {{ border: 1px solid {edge}; border-radius: {menu}px; }}
QComboBox QAbstractItemView::item {{ min-height: {entry}px; padding: 2px 8px; border-radius: {small_r}px; }}

QCheckBox, QRadioButton {{ spacing: 8px; background: transparent; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {off}; }}
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator, QMenu::indicator {{ width: {box}px;
    height: {box}px; border: 1px solid {edge}; border-radius: 4px; background: {raised}; }}
QRadioButton::indicator {{ border-radius: {round}px; }}
QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ border-color: {dim}; }}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked, QMenu::indicator:checked {{ background: {accent};
    border-color: {accent}; image: url("{tick}"); }}
QCheckBox::indicator:indeterminate {{ background: {accent}; border-color: {accent}; image: url("{dash}"); }}
QRadioButton::indicator:checked {{ background: {accent}; border-color: {accent}; image: url("{dot}"); }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ background: {panel}; border-color: {line}; }}
QCheckBox::indicator:checked:disabled, QRadioButton::indicator:checked:disabled {{ background: {off};
    border-color: {off}; }}
QCheckBox[ring="true"]::indicator:focus, QRadioButton[ring="true"]::indicator:focus {{ border: 2px solid {accent}; }}
QCheckBox[ring="true"]::indicator:checked:focus, QRadioButton[ring="true"]::indicator:checked:focus {{
    border: 2px solid {text}; }}

QAbstractItemView {{ background: transparent; border: 2px solid transparent; border-radius: {row}px;
    alternate-background-color: {raised}; selection-background-color: {soft}; selection-color: {text};
    gridline-color: {line}; }}
QGraphicsView {{ border: 2px solid transparent; }}
QAbstractItemView[ring="true"]:focus, QGraphicsView[ring="true"]:focus, QScrollArea[ring="true"]:focus,
QTextBrowser[ring="true"]:focus {{
    border: 2px solid {accent}; border-radius: {row}px; }}
QAbstractItemView::item {{ padding: 4px 8px; border-radius: {small_r}px; }}
QAbstractItemView::item:hover {{ background: {hover}; }}
QAbstractItemView::item:selected {{ background: {soft}; }}
QAbstractItemView::item:disabled {{ color: {off}; }}
QTableView::item, QTreeView::item {{ border-radius: 0px; border-bottom: 1px solid {line}; }}
QTreeView::branch {{ background: transparent; }}
QTreeView::branch:has-children:closed {{ image: url("{chevron_right}"); }}
QTreeView::branch:has-children:open {{ image: url("{chevron}"); }}
QHeaderView {{ background: transparent; border: none; border-radius: 0px; }}
QHeaderView::section {{ background: transparent; color: {dim_ink}; border: none; border-bottom: 1px solid {line};
    padding: 5px 8px 5px 11px; font-size: {section}px; font-weight: 600; }}
QHeaderView::section:hover {{ color: {text}; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{ width: 10px; height: 10px; }}
QTableCornerButton::section {{ background: transparent; border: none; }}

QMenuBar {{ background: {panel}; padding: 2px 8px; }}
QMenuBar::item {{ background: transparent; padding: 4px 9px; border-radius: {small_r}px; }}
QMenuBar::item:selected {{ background: {hover}; }}
QMenu {{ background: {raised}; border: 1px solid {edge}; border-radius: {menu}px; padding: 5px; }}
QMenu::item {{ padding: 6px 22px 6px 10px; border-radius: {small_r}px; }}
QMenu::item:selected {{ background: {soft}; color: {text}; }}
QMenu::item:disabled {{ color: {off}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 5px 8px; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::indicator {{ margin-left: 8px; }}
QMenu::indicator:exclusive {{ border-radius: {round}px; }}
QMenu::indicator:exclusive:checked {{ image: url("{dot}"); }}
QMenu::right-arrow {{ image: url("{chevron_right}"); width: 14px; height: 14px; margin-right: 6px; }}

QScrollArea, QScrollArea > QWidget > QWidget#body {{ background: transparent; border: none; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 10px; margin: 0; }}
QScrollBar:horizontal {{ height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {scroll}; border-radius: {bar}px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 30px; }}
QScrollBar::handle:horizontal {{ min-width: 30px; }}
QScrollBar::handle:hover, QScrollBar::handle:pressed {{ background: {dim}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}

QProgressBar {{ background: {track}; border: none; border-radius: {bar}px; max-height: 6px; min-height: 6px;
    text-align: center; color: transparent; }}
QProgressBar::chunk {{ background: {accent}; border-radius: {bar}px; }}
QSlider::groove:horizontal {{ background: {track}; height: 5px; border-radius: {hair}px; }}
QSlider::sub-page:horizontal {{ background: {accent}; height: 5px; border-radius: {hair}px; }}
QSlider::handle:horizontal {{ background: {text}; width: 14px; margin: -5px 0; border-radius: {control}px; }}
QSlider::handle:horizontal:disabled {{ background: {off}; }}
QSlider[ring="true"]::handle:horizontal:focus {{ border: 2px solid {accent}; }}
QTabBar {{ background: transparent; border: none; }}
QTabBar::tab {{ background: transparent; color: {dim_ink}; padding: 5px 10px; border: 1px solid transparent;
    border-bottom: 2px solid transparent; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:selected {{ color: {text}; border-bottom: 2px solid {accent}; }}
QTabBar::tab:disabled {{ color: {off}; }}
QTabBar[ring="true"]::tab:selected:focus {{ border: 2px solid {accent}; border-radius: {small_r}px; padding: 4px 9px; }}
QTabBar QToolButton {{ background: {raised}; border: 1px solid {line}; border-radius: {small_r}px; padding: 2px; }}
QTabBar QToolButton::left-arrow {{ image: url("{chevron_left}"); width: 14px; height: 14px; }}
QTabBar QToolButton::right-arrow {{ image: url("{chevron_right}"); width: 14px; height: 14px; }}
QTabWidget::pane {{ border: none; }}
QGroupBox {{ border: 1px solid {line}; border-radius: {control}px; margin-top: 10px; padding: 8px; }}
QGroupBox::title {{ subcontrol-origin: margin; left: 10px; color: {dim_ink}; }}
QSplitter::handle {{ background: transparent; }}
QSplitter::handle:hover {{ background: {line}; }}
QRubberBand {{ background: {soft}; border: 1px solid {accent}; }}
QStatusBar {{ background: {panel}; border-top: 1px solid {line}; }}
"""


def stylesheet(tokens: Tokens, scale: float = 1.0, icons: dict[str, str] | None = None) -> str:
    """The whole sheet for a scheme at a scale of type; ``icons`` are files of the few pictures that QSS needs."""

    def px(size: float) -> int:
        return round(size * scale)

    pictures = dict.fromkeys(("chevron", "chevron_left", "chevron_right", "tick", "dash", "dot"), "")
    pictures |= {name.replace("-", "_"): file for name, file in (icons or {}).items()}
    colors = {name: getattr(tokens, name) for name in tokens.__dataclass_fields__}
    inks = {f"{name}_ink": safe_ink(getattr(tokens, name), tokens) for name in _INKS}
    return _SHEET.format(
        roles=_roles(px), **colors, **inks, **pictures, sans=font_names(SANS), mono=font_names(MONO),
        card=RADIUS_CARD, menu=RADIUS_MENU, control=RADIUS_CONTROL, row=RADIUS_ROW, small_r=RADIUS_SMALL,
        bar=RADIUS_BAR, hair=RADIUS_HAIR,
        body=px(13), words=px(15), warn_line=mix(tokens.warn, tokens.panel, 0.5), small=px(12), section=px(11),
        mono_size=px(12.5), chip=(px(16) + 4) // 2, chip_h=px(16), button_h=px(18), box=px(15), round=px(15) // 2 + 1,
        entry=px(20),
        edge=mix(tokens.dim, tokens.line, 0.5), off=mix(tokens.dim, tokens.panel, 0.62),
        scroll=mix(tokens.dim, tokens.panel, 0.4), accent_line=mix(tokens.accent, tokens.panel, 0.5),
        accent_hover=mix(tokens.text, tokens.accent, 0.12),
        accent_press=mix(tokens.text if tokens.scheme == "light" else tokens.on_accent, tokens.accent, 0.2),
    )  # fmt: skip


def font_names(family: str) -> str:
    """A family and what stands in for it, as a style sheet wants them."""
    return ", ".join(f'"{name}"' for name in families(family))


def _roles(px: Callable[[float], int]) -> str:
    """A rule for each role of type."""
    rules = []
    for role, style in TYPE.items():
        spacing = f" letter-spacing: {px(style.size) * style.spacing / 100:.2f}px;" if style.spacing else ""
        rules.append(
            f'QLabel[role="{role}"] {{ font-family: {font_names(style.family)}; font-size: {px(style.size)}px;'
            f" font-weight: {style.weight};{spacing} }}"
        )
    return "\n".join(rules)


_INKS = ("dim", "accent", "good", "warn", "bad", "second")
