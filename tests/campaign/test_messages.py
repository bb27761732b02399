"""What is told of thousands of worlds at once: the same words for the same thing, and places that can be looked up."""

from turbulence_app.engine.campaign.messages import alike, remark


def test_remarks_of_worlds_are_one_and_keep_their_place() -> None:
    once = remark("the application failed 1 time: pay: KeyError: 17 (shop/mail.py:41)")
    often = remark("the application failed 3 times: pay: KeyError: 4 (shop/mail.py:41)")
    assert once == often == "the application failed: pay: KeyError: N (shop/mail.py:41)"
    assert remark("the application failed 1 time: pay: KeyError: 17 (shop/mail.py:42)") != once
    assert remark("25 plain functions ran in line") == alike("3 plain functions ran in line")
