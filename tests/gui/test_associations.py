"""The table of file types is one that a desktop takes."""

from __future__ import annotations

from xml.etree import ElementTree

from turbulence_app.gui.associations import COMMAND, FILE_TYPES, desktop_mime_types, shared_mime_info

NS = "{http://www.freedesktop.org/standards/shared-mime-info}"


def test_every_type_is_in_the_mime_file_with_its_patterns() -> None:
    root = ElementTree.fromstring(shared_mime_info())
    there = {one.get("type"): {glob.get("pattern") for glob in one.iter(f"{NS}glob")} for one in root}
    assert there == {one.mime: set(one.patterns) for one in FILE_TYPES}


def test_the_desktop_entry_names_every_type_and_a_folder() -> None:
    names = desktop_mime_types()
    assert names.endswith(";")
    assert all(f"{one.mime};" in names for one in FILE_TYPES)
    assert "inode/directory;" in names
    assert COMMAND.split() == ["turbulence", "%f"]


def test_no_pattern_takes_all_yaml_or_json() -> None:
    taken = {pattern for one in FILE_TYPES for pattern in one.patterns if one.own}
    assert not taken & {"*.yaml", "*.yml", "*.json"}
