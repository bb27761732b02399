"""Messages of the engine as sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.gui.widgets.sentence import sentence


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("the worker ended (ask again)", "The worker ended. Ask again."),
        (
            "no answer at http://127.0.0.1:1 (refused) (start it)",
            "No answer at http://127.0.0.1:1 (refused). Start it.",
        ),
        ("/tmp/x.yaml:4: no list (indent it)", "/tmp/x.yaml:4: no list. Indent it."),
        ("pay_now is gone", "pay_now is gone."),
        ("Stopped.", "Stopped."),
        ("no server (start it with: ollama serve)", "No server. Start it with: ollama serve"),
        ("", ""),
    ],
)
def test_a_message_and_its_mend_become_sentences(message: str, said: str) -> None:
    assert sentence(message) == said


@given(st.text(alphabet=st.characters(exclude_characters="()")))
def test_what_is_a_sentence_stays_one(message: str) -> None:
    once = sentence(message)
    assert sentence(once) == once
    assert once.lower().startswith(message.strip().lower())
