"""The one table of actions: menus, shortcuts and the command palette are made from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from turbulence_app.gui.fuzzy import Hay, needle, score

Menu = Literal["File", "Edit", "View", "Persona", "Workflow", "Run", "Failures", "Models", "Help"]
MENUS: tuple[Menu, ...] = ("File", "Edit", "View", "Persona", "Workflow", "Run", "Failures", "Models", "Help")


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing that can be done. ``id`` is ``place.verb`` or ``window.verb``.

    ``shortcut`` in Qt's portable form; ``synonyms`` are other words by which the palette finds it; ``group`` starts a
    new section of its menu where it differs from the line before.
    """

    id: str
    title: str
    menu: Menu
    icon: str = ""
    shortcut: str = ""
    synonyms: str = ""
    group: int = 0
    tip: str = ""


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "window.new", "New project…", "File", "plus", "Ctrl+Alt+N", "create describe my own users template init"
    ),
    ActionSpec("window.open", "Open project…", "File", "folder-open", "Ctrl+O", "load folder switch"),
    ActionSpec("window.recent", "Recent projects", "File", "history", "Ctrl+Shift+O", "last open again switch"),
    ActionSpec(
        "window.import",
        "Import OpenAPI, HAR, log…",
        "File",
        "upload",
        "Ctrl+I",
        "swagger recording browser access log original windtunnel scenario file",
        1,
    ),
    ActionSpec("window.sample", "Open the sample shop", "File", "flask-conical", "", "demo example start", 1),
    ActionSpec("window.sample_app", "Open the sample application", "File", "flask-conical", "", "fastapi real code", 1),
    ActionSpec("window.reload", "Read the project's files again", "File", "rotate-ccw", "F5", "refresh reload", 1),
    ActionSpec("window.drafts", "Edits that were not saved…", "File", "history", "", "recover draft crash restore", 1),
    ActionSpec("window.quit", "Quit", "File", "", "Ctrl+Q", "exit close", 2),
    ActionSpec("edit.undo", "Undo", "Edit", "undo-2", "Ctrl+Z", "back revert step"),
    ActionSpec("edit.redo", "Redo", "Edit", "redo-2", "Ctrl+Shift+Z", "forward again"),
    ActionSpec("window.palette", "Search or run a command", "View", "command", "Ctrl+K", "find palette"),
    ActionSpec("place.personas", "Go to Personas", "View", "users", "Ctrl+1", "people crowd", 1),
    ActionSpec("place.workflow", "Go to Workflow", "View", "workflow", "Ctrl+2", "steps graph yaml", 1),
    ActionSpec("place.run", "Go to Run", "View", "play", "Ctrl+3", "console charts", 1),
    ActionSpec("place.failures", "Go to Failures", "View", "bug", "Ctrl+4", "violations broken", 1),
    ActionSpec("place.models", "Go to Models", "View", "cpu", "Ctrl+5", "llm gguf ollama phi bench", 1),
    ActionSpec("place.telemetry", "Go to Telemetry", "View", "activity", "Ctrl+6", "metrics latency alarms cache", 1),
    ActionSpec("place.log", "Go to Log", "View", "scroll-text", "Ctrl+7", "journal events messages errors history", 1),
    ActionSpec("place.settings", "Settings", "View", "settings", "Ctrl+,", "preferences options configure setup", 1),
    ActionSpec("theme.system", "Follow the system's colours", "View", "monitor", "", "theme appearance automatic", 2),
    ActionSpec("theme.dark", "Dark", "View", "moon", "", "theme appearance night mode", 2),
    ActionSpec("theme.light", "Light", "View", "sun", "", "theme appearance day mode", 2),
    ActionSpec("view.larger", "Larger text", "View", "zoom-in", "Ctrl+=", "zoom font size bigger", 3),
    ActionSpec("view.smaller", "Smaller text", "View", "zoom-out", "Ctrl+-", "zoom font size", 3),
    ActionSpec("view.normal", "Normal text size", "View", "", "Ctrl+0", "zoom font reset", 3),
    ActionSpec("personas.new", "New persona", "Persona", "plus", "Ctrl+N", "add user create"),
    ActionSpec("personas.duplicate", "Duplicate persona", "Persona", "copy", "Ctrl+D", "copy clone"),
    ActionSpec("personas.rename", "Rename persona…", "Persona", "pencil", "F2", "name title"),
    ActionSpec("personas.delete", "Delete persona…", "Persona", "trash-2", "", "remove"),
    ActionSpec("personas.weigh", "Type the share of the crowd", "Persona", "hash", "", "weight percent mix"),
    ActionSpec("personas.up", "Move persona up", "Persona", "chevron-up", "", "order sort list"),
    ActionSpec("personas.down", "Move persona down", "Persona", "chevron-down", "", "order sort list"),
    ActionSpec("personas.compile", "Compile the policy", "Persona", "sparkles", "Ctrl+Return", "generate model", 1),
    ActionSpec("personas.compare", "Compare two models", "Persona", "columns-2", "", "side by side models ab", 1),
    ActionSpec("personas.stop", "Stop compiling", "Persona", "square", "", "cancel", 1),
    ActionSpec("personas.approve", "Approve the policy", "Persona", "shield-check", "Ctrl+Shift+A", "accept sign", 1),
    ActionSpec("personas.revert", "Go back to the approved policy", "Persona", "history", "", "reset discard", 1),
    ActionSpec(
        "personas.jump", "From words to number and back", "Persona", "arrow-right-left", "Ctrl+J", "phrase why", 2
    ),
    ActionSpec("personas.changes", "What changed since it was approved", "Persona", "history", "", "diff versions", 2),
    ActionSpec("personas.moves", "What moves completion most", "Persona", "chart-line", "", "tornado sensitivity", 2),
    ActionSpec("personas.yaml", "Show the policy as YAML", "Persona", "file-code", "Ctrl+Y", "text source code", 2),
    ActionSpec("personas.import", "Import personas and policies…", "Persona", "upload", "", "yaml files read load", 3),
    ActionSpec("personas.export", "Export this persona…", "Persona", "download", "", "yaml save file", 3),
    ActionSpec("personas.export_policy", "Export this policy…", "Persona", "download", "", "yaml save file", 3),
    ActionSpec("personas.export_all", "Export all personas and policies…", "Persona", "download", "", "yaml save", 3),
    ActionSpec("personas.copy", "Copy persona and policy as YAML", "Persona", "copy", "", "clipboard text", 3),
    # -- Workflow, Run, Failures
    ActionSpec("workflow.save", "Save the workflow", "Workflow", "save", "Ctrl+S", "write file"),
    ActionSpec("workflow.check", "Check the workflow", "Workflow", "check", "", "validate problems lint"),
    ActionSpec("workflow.find", "Find in the workflow", "Workflow", "search", "", "search text"),
    ActionSpec("workflow.replace", "Replace in the workflow", "Workflow", "replace", "Ctrl+Shift+F", "substitute text"),
    ActionSpec("workflow.next_problem", "Next problem", "Workflow", "chevron-down", "F8", "error warning go"),
    ActionSpec("workflow.previous_problem", "Problem before", "Workflow", "chevron-up", "Shift+F8", "error warning go"),
    ActionSpec("workflow.mend", "Mend the problem here", "Workflow", "sparkles", "Alt+Return", "quick fix repair"),
    ActionSpec("workflow.fit", "Fit the graph", "Workflow", "maximize", "", "zoom all", 1),
    ActionSpec(
        "workflow.add", "Add a step…", "Workflow", "plus", "", "insert new step request decision branch loop", 2
    ),
    ActionSpec("workflow.rename", "Rename the step…", "Workflow", "pencil", "", "name step F2", 2),
    ActionSpec("workflow.duplicate", "Duplicate the step", "Workflow", "copy", "", "copy clone step", 2),
    ActionSpec("workflow.delete", "Delete the step", "Workflow", "trash-2", "", "remove step", 2),
    ActionSpec("workflow.walk", "Walk one user", "Workflow", "user-round", "Ctrl+Shift+U", "step through trace who", 2),
    ActionSpec("workflow.walk_on", "Walk: one step on", "Workflow", "arrow-right", "F11", "step next forward", 2),
    ActionSpec("workflow.walk_back", "Walk: one step back", "Workflow", "arrow-left", "Shift+F11", "step previous", 2),
    ActionSpec("workflow.walk_play", "Walk: play or pause", "Workflow", "play", "F9", "animate run pause", 2),
    ActionSpec("workflow.new", "New workflow…", "Workflow", "plus", "", "create file empty", 3),
    ActionSpec("workflow.copy_file", "Duplicate the workflow…", "Workflow", "copy", "", "copy clone file", 3),
    ActionSpec("workflow.rename_file", "Rename the workflow…", "Workflow", "pencil", "", "id file name", 3),
    ActionSpec("workflow.delete_file", "Delete the workflow…", "Workflow", "trash-2", "", "remove file", 3),
    ActionSpec("run.start", "Run the crowd", "Run", "play", "Ctrl+R", "start go simulate execute"),
    ActionSpec("run.stop", "Stop the run", "Run", "square", "Ctrl+.", "cancel halt abort"),
    ActionSpec("run.verify", "Verify the last run", "Run", "shield-check", "", "digest reproduce again", 1),
    ActionSpec("run.faults", "Edit the faults", "Run", "pencil", "", "trouble chaos crash latency scenario", 1),
    ActionSpec("run.pytest", "Export the run as pytest tests…", "Run", "download", "", "export python", 2),
    ActionSpec("run.html", "Export the run as an HTML report…", "Run", "download", "", "export page", 2),
    ActionSpec("run.junit", "Export the run as a JUnit file…", "Run", "download", "", "export xml ci", 2),
    ActionSpec("run.csv", "Export the run as CSV tables…", "Run", "download", "", "export sheet", 2),
    ActionSpec("run.locust", "Export the run as a Locust file…", "Run", "download", "", "export load", 2),
    ActionSpec("run.page", "Show the run", "Run", "play", "", "page console charts", 2),
    ActionSpec(
        "analysis.page", "Show the analysis", "Run", "chart-line", "", "page funnel reasons drop-off why leave time", 2
    ),
    ActionSpec("analysis.everybody", "Analyse everybody again", "Run", "users", "", "filter reset all", 2),
    ActionSpec("analysis.close", "Close the people behind the bar", "Run", "x", "", "list hide", 2),
    ActionSpec("analysis.stop", "Stop counting", "Run", "square", "", "cancel analysis halt", 2),
    ActionSpec("campaign.page", "Show the campaign", "Run", "waves", "", "page worlds clusters coverage", 2),
    ActionSpec("campaign.start", "Start a campaign", "Run", "waves", "Ctrl+Shift+R", "worlds seeds swarm coverage", 2),
    ActionSpec("campaign.stop", "Stop the campaign", "Run", "square", "", "cancel halt worlds", 2),
    ActionSpec("campaign.resume", "Resume the campaign", "Run", "repeat", "", "continue go on worlds", 2),
    ActionSpec("history.page", "Show the history", "Run", "history", "Ctrl+H", "page past runs earlier list", 3),
    ActionSpec("history.find", "Search the history…", "Run", "search", "Ctrl+Shift+H", "find past runs tags notes", 3),
    ActionSpec("history.before", "Compare with the run before", "Run", "list", "", "difference two runs beside", 3),
    ActionSpec("history.delete", "Delete the chosen runs", "Run", "trash-2", "", "remove history", 3),
    ActionSpec("history.undo", "Undo delete", "Run", "undo-2", "", "restore bring back history run", 3),
    ActionSpec("failures.shrink", "Shrink the failure", "Failures", "scissors", "", "minimise reduce smallest"),
    ActionSpec("failures.stop", "Stop shrinking", "Failures", "square", "", "cancel halt"),
    ActionSpec("failures.walk", "Walk this user", "Failures", "workflow", "", "step through workflow graph"),
    ActionSpec("failures.replay", "Replay the failure", "Failures", "repeat", "", "again trace timeline"),
    ActionSpec("failures.before", "Before and after shrinking", "Failures", "scissors", "", "found minimal folded", 1),
    ActionSpec("failures.run", "Go to the run of the failure", "Failures", "play", "", "open numbers", 1),
    ActionSpec("failures.beside", "Beside one who passes", "Failures", "users", "", "compare nearest divergence", 1),
    ActionSpec("failures.why", "Why it fails", "Failures", "info", "", "necessary suppressor table", 1),
    ActionSpec(
        "failures.report",
        "Post-mortem",
        "Failures",
        "file-code",
        "",
        "analyze explain cause claims suggestion model",
        1,
    ),
    ActionSpec("failures.capsule", "Save the capsule", "Failures", "save", "", "regression test keep", 2),
    ActionSpec("failures.pytest", "Export a pytest test…", "Failures", "download", "", "export python", 2),
    ActionSpec("failures.html", "Export an HTML report…", "Failures", "download", "", "export page", 2),
    ActionSpec("failures.junit", "Export a JUnit file…", "Failures", "download", "", "export xml ci", 2),
    ActionSpec("failures.csv", "Export CSV tables…", "Failures", "download", "", "export sheet", 2),
    ActionSpec("failures.locust", "Export a Locust file…", "Failures", "download", "", "export load", 2),
    ActionSpec("failures.copy", "Copy the failure's address", "Failures", "copy", "", "clipboard name", 2),
    # -- Models
    ActionSpec("models.add", "Add a model file…", "Models", "plus", "Ctrl+Shift+M", "gguf load llama new"),
    ActionSpec("models.pull", "Fetch a model with Ollama…", "Models", "download", "", "pull download"),
    ActionSpec("models.default", "Use the model by default", "Models", "check", "", "usual favourite", 1),
    ActionSpec("models.verify", "Check the model's file", "Models", "hash", "", "verify sha256 digest changed", 1),
    ActionSpec("models.trust", "Trust the model's content…", "Models", "shield-check", "", "vouch digest", 1),
    ActionSpec("models.remove", "Remove the model…", "Models", "trash-2", "", "delete list", 1),
    ActionSpec("models.refresh", "Look again which models there are", "Models", "rotate-ccw", "", "reload list", 1),
    ActionSpec("models.page", "Show the models", "Models", "cpu", "", "page list routes", 2),
    ActionSpec("bench.page", "Show the bench", "Models", "flask-conical", "", "page compare results accuracy", 2),
    ActionSpec("bench.start", "Measure models", "Models", "play", "Ctrl+B", "bench benchmark accuracy speed tokens", 2),
    ActionSpec("bench.stop", "Stop measuring", "Models", "square", "", "cancel bench halt", 2),
    ActionSpec("bench.csv", "Export the bench as a CSV table…", "Models", "download", "", "export sheet results", 3),
    ActionSpec("bench.png", "Export the bench's charts as a picture…", "Models", "image", "", "export png image", 3),
    ActionSpec("telemetry.refresh", "Count again now", "Models", "rotate-ccw", "", "telemetry refresh", 4),
    ActionSpec("telemetry.limits", "Limits of alarms", "Models", "sliders-horizontal", "", "threshold alert", 4),
    ActionSpec("telemetry.cache", "Clear the cache…", "Models", "trash-2", "", "forget answers", 4),
    ActionSpec("telemetry.csv", "Export telemetry as CSV…", "Models", "download", "", "sheet table minutes", 5),
    ActionSpec("telemetry.png", "Export telemetry as a picture…", "Models", "image", "", "png screenshot", 5),
    # -- Log, Settings
    ActionSpec("window.notices", "Notifications", "View", "bell", "Ctrl+Shift+N", "messages toasts history bell", 4),
    ActionSpec("log.find", "Search the log", "View", "search", "", "journal find lines errors", 4),
    ActionSpec("log.pause", "Pause the log, or go on", "View", "pause", "", "journal hold freeze", 4),
    ActionSpec("log.copy", "Copy the line of the log", "View", "copy", "", "journal clipboard", 4),
    ActionSpec("log.export", "Export the log as CSV…", "View", "download", "", "journal table save", 4),
    ActionSpec("settings.find", "Find a setting", "File", "search", "", "search preferences option", 3),
    ActionSpec("settings.import", "Import settings…", "File", "upload", "", "preferences load file toml", 3),
    ActionSpec("settings.export", "Export settings…", "File", "download", "", "preferences save file toml backup", 3),
    ActionSpec("settings.reset", "Reset all settings", "File", "rotate-ccw", "", "preferences default factory", 3),
    ActionSpec("settings.folder", "Open the data folder", "File", "folder-open", "", "home directory files where", 3),
    ActionSpec("help.manual", "Manual", "Help", "book-open", "F1", "help documentation pages how to"),
    ActionSpec("help.show_me", "Show me on the sample shop", "Help", "play", "", "guide tour demo first run tutorial"),
    ActionSpec("help.welcome", "Welcome", "Help", "waves", "", "start page first run recent begin"),
    ActionSpec("help.shortcuts", "Keyboard shortcuts", "Help", "command", "Shift+F1", "keys cheat sheet"),
    ActionSpec("help.privacy", "What leaves this computer", "Help", "shield", "", "privacy network egress ledger lock"),
    ActionSpec("help.report", "Report a problem…", "Help", "bug", "", "fault crash error issue feedback support"),
    ActionSpec("help.about", "About Turbulence", "Help", "info", "", "version licences report system"),
)


def by_id(actions: Iterable[ActionSpec] = ACTIONS) -> dict[str, ActionSpec]:
    """The table by id."""
    return {action.id: action for action in actions}


@lru_cache(maxsize=1024)
def _hay(title: str, other: str) -> Hay:
    return Hay.of(title, other)


def fuzzy(query: str, action: ActionSpec) -> int:
    """How well ``query`` finds an action, see :func:`turbulence_app.gui.fuzzy.score`."""
    return score(needle(query), _hay(action.title, f"{action.menu} {action.synonyms} {action.id}"))
