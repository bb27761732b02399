"""Charts: peaks survive decimation, hidden charts wait, headlines carry the numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from turbulence_app.domain.run import Timeline
from turbulence_app.gui.chart_rows import RangeRow
from turbulence_app.gui.places.run.state import curves_of
from turbulence_app.gui.widgets.charts import Line, SeriesChart, _TimeAxis, clock
from turbulence_app.gui.widgets.decimate import decimate
from turbulence_app.gui.widgets.funnel import FunnelRow, FunnelView
from turbulence_app.gui.widgets.ranges import RangeView


@given(
    arrays(np.float64, st.integers(1, 5000), elements=st.floats(-1e6, 1e6)),
    st.integers(1, 300),
)
def test_decimation_keeps_peaks_order_and_bound(values, pixels):
    x = np.arange(len(values), dtype=float)
    xs, ys = decimate(x, values, pixels)
    assert len(xs) <= max(2 * pixels, 2)
    assert ys.max() == values.max()
    assert ys.min() == values.min()
    assert (np.diff(xs) > 0).all()
    assert (values[xs.astype(int)] == ys).all()


def test_active_users_are_those_who_came_and_have_not_gone():
    curves = curves_of(Timeline(bin_us=2_000_000, arrived=(4, 2, 0), completed=(0, 3), abandoned=(1, 0, 2)))
    assert curves.active.tolist() == [3, 2, 0]
    assert curves.arrived.tolist() == [2, 1, 0]
    assert curves.seconds.tolist() == [2, 4, 6]


def test_a_hidden_chart_draws_when_it_is_shown(theme, qtbot):
    chart = SeriesChart("Users active", [Line("active", "accent", True)])
    qtbot.addWidget(chart)
    chart.resize(400, 150)
    chart.set_data(np.arange(10_000), {"active": np.arange(10_000)})
    assert chart.points_drawn() == 0
    chart.show()
    assert 0 < chart.points_drawn() <= 2 * 400
    theme.pin("light")
    chart.clear()
    assert chart.points_drawn() == 0


def test_virtual_time_in_words():
    assert [clock(s) for s in (0.5, 45, 200, 7500)] == ["0.5 s", "45 s", "3:20", "2:05:00"]
    axis = _TimeAxis("bottom")
    assert axis.tickStrings([10, 20], 1, 10) == ["10 s", "20 s"]
    assert axis.tickStrings([50, 150], 1, 50) == ["0:50", "2:30"], "one kind of words on one axis"


def test_a_bar_of_the_funnel_can_be_clicked_and_reached_by_keys(theme, qtbot):
    from PySide6.QtCore import Qt

    funnel = FunnelView()
    qtbot.addWidget(funnel)
    funnel.resize(500, 200)
    funnel.set_data([FunnelRow("browse", 1.0, 20_000), FunnelRow("pay", 0.4, 8000, 0.7, "too slow")])
    funnel.show()
    with qtbot.waitSignal(funnel.clicked) as told:
        qtbot.mouseClick(funnel, Qt.MouseButton.LeftButton, pos=funnel.bar_rect(1).center().toPoint())
    assert told.args == ["pay", 1]
    qtbot.keyClick(funnel, Qt.Key.Key_Left)
    with qtbot.waitSignal(funnel.clicked) as told:
        qtbot.keyClick(funnel, Qt.Key.Key_Return)
    assert told.args == ["browse", 0]
    assert "baseline 70.0 % (-30.0 points)" in funnel.accessibleDescription()
    assert funnel.bar_rect(0).height() > 2 * funnel.bar_rect(1).height()


def test_ranges_stay_inside_whatever_the_numbers(theme, qtbot):
    view = RangeView()
    qtbot.addWidget(view)
    view.resize(320, 120)
    view.set_data([RangeRow("a", 0, 0, 0), RangeRow("b" * 80, 1, 5e5, 1e9, 3)])
    view.show()
    assert not view.grab().isNull()
    assert "1,000,000,000" in view.accessibleDescription()
