"""The operations on workflows, and on one user who goes along them, for the worker's table."""

from __future__ import annotations

from typing import Any

from turbulence_app.service.flow_files import DeleteWorkflow, RenameWorkflow, delete_workflow, rename_workflow
from turbulence_app.service.flow_ops import (
    EditWorkflow,
    Mentions,
    ReadWorkflow,
    edit_workflow,
    mentions,
    parse_text,
    read_workflow,
    save_workflow,
)
from turbulence_app.service.params import ParseWorkflow, SaveWorkflow
from turbulence_app.service.step_files import ExchangeTexts, RenameStepThere, exchange_texts, rename_step_there
from turbulence_app.service.walk_ops import WalkUser, walk

TABLE: tuple[tuple[str, type[Any], Any], ...] = (
    ("read_workflow", ReadWorkflow, read_workflow),
    ("edit_workflow", EditWorkflow, edit_workflow),
    ("rename_workflow", RenameWorkflow, rename_workflow),
    ("rename_step_there", RenameStepThere, rename_step_there),
    ("exchange_texts", ExchangeTexts, exchange_texts),
    ("delete_workflow", DeleteWorkflow, delete_workflow),
    ("parse_workflow", ParseWorkflow, parse_text),
    ("save_workflow", SaveWorkflow, save_workflow),
    ("walk", WalkUser, walk),
    ("mentions", Mentions, mentions),
)
"""Name, parameters, what does it."""
