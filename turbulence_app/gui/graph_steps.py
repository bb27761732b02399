"""Going from step to step with the arrows: along the ways, not across the paper. Qt-free."""

from __future__ import annotations

from turbulence_app.gui.graph_layout import Box
from turbulence_app.gui.graph_model import Graph
from turbulence_app.gui.graph_river import River


def beside(graph: Graph, river: River, name: str, direction: str) -> str:
    """The step that an arrow leads to from another one; the step itself where there is none.

    Down and up follow the ways, the straight one first; right goes into a side way, left back to where it came from.
    """
    names = list(graph.nodes)
    if name not in graph.nodes:
        return names[0]
    here = river.boxes[name]
    if direction in ("down", "right"):
        found = [e.target for e in graph.edges if e.source == name and e.kind != "again" and e.target != name]
    else:
        found = [e.source for e in graph.edges if e.target == name and e.kind != "again" and e.source != name]
    boxes = [river.boxes[one] for one in dict.fromkeys(found)]
    aside = direction in ("left", "right")
    wanted = [box for box in boxes if _fits(here, box, direction)]
    if wanted:
        return min(wanted, key=lambda box: (abs(box.lane - here.lane), abs(box.layer - here.layer))).name
    if aside:
        row = [box for box in river.boxes.values() if _fits(here, box, direction) and box.layer == here.layer]
        return min(row, key=lambda box: abs(box.lane - here.lane), default=here).name
    place = names.index(name) + (1 if direction == "down" else -1)
    return names[max(0, min(len(names) - 1, place))]


def _fits(here: Box, box: Box, direction: str) -> bool:
    if direction == "right":
        return box.lane > here.lane
    if direction == "left":
        return box.lane < here.lane and box.layer <= here.layer
    return box.layer > here.layer if direction == "down" else box.layer < here.layer
