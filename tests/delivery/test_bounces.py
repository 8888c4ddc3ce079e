import pytest

from tests.delivery.sending import recipient, send, started
from tests.support.smtp import Moment, ScriptedSmtp
from webapp.accounts.organisation import fingerprint
from webapp.delivery.bounces import is_hard
from webapp.people import suppression
from webapp.people.models import SuppressionReason


@pytest.mark.parametrize(
    ("reply", "hard"),
    [
        ("550 5.1.1 <bo@x.dk>: no such user", True),
        ("550-5.1.1 The account does not exist", True),
        ("556 5.1.10 takes no mail", True),
        ("550 5.2.1 disabled", True),
        ("552 5.2.2 mailbox full", False),
        ("550 5.7.1 looks like spam", False),
        ("550 no such user", False),
        ("450 4.1.1 later", False),
        ("550 you are number 5.1.1", False),
    ],
)
def test_what_a_refusal_says_about_the_address(reply: str, hard: bool) -> None:
    assert is_hard(reply) is hard


def test_an_address_that_is_gone_is_not_written_to_again(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.RCPT, recipient="bo@x.dk", reply="550 5.1.1 no such user")
    smtp.at(Moment.RCPT, recipient="eva@x.dk", reply="552 5.2.2 mailbox full")
    send(started("ann@x.dk", "bo@x.dk", "eva@x.dk"))
    block = suppression.in_force(fingerprint("bo@x.dk"))
    assert block is not None
    assert (block.reason, block.comment) == (
        SuppressionReason.HARD_BOUNCE,
        "550 5.1.1 no such user",
    )
    assert suppression.in_force(fingerprint("eva@x.dk")) is None
    assert recipient("bo@x.dk").reply == "550 5.1.1 no such user"


def test_a_block_that_was_there_before_keeps_its_reason(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.RCPT, reply="550 5.1.1 no such user")
    mailing = started("bo@x.dk")
    send(mailing)
    assert not suppression.block(fingerprint("bo@x.dk"), SuppressionReason.UNSUBSCRIBED)
    block = suppression.in_force(fingerprint("bo@x.dk"))
    assert block is not None
    assert block.reason == SuppressionReason.HARD_BOUNCE
