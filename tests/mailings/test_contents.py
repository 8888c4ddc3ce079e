import pytest
from sqlalchemy import update

from tests.factories import make_content, make_mailing
from webapp.content.document.opening import Document
from webapp.content.document.operations import add_block, new_document
from webapp.mailings import contents
from webapp.mailings.contents import ChangedMeanwhile
from webapp.mailings.drafts import NotADraft
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db
from webapp.platform.locales import speaking


def test_every_change_counts_the_version_up() -> None:
    mailing = make_mailing(state=State.DRAFT)
    contents.save(mailing, new_document(), version=0)
    assert mailing.content_version == 1


def test_saving_what_is_there_already_changes_nothing() -> None:
    content = make_content()
    mailing = make_mailing(state=State.DRAFT, content=content)
    contents.save(mailing, content, version=0)
    assert mailing.content_version == 0


def test_a_late_edit_does_not_overwrite_a_newer_one() -> None:
    mailing = make_mailing(state=State.DRAFT)
    newer, _block = add_block(make_content(), "divider")
    contents.save(mailing, newer, version=0)
    with pytest.raises(ChangedMeanwhile):
        contents.save(mailing, new_document(), version=0)
    assert mailing.content == newer


def test_a_mailing_that_was_sent_meanwhile_is_not_changed() -> None:
    mailing = make_mailing(state=State.DRAFT)
    content = mailing.content
    elsewhere = update(Mailing).values(state=State.PREPARING)
    db.session.execute(elsewhere.execution_options(synchronize_session=False))
    with pytest.raises(ChangedMeanwhile):
        contents.save(mailing, new_document(), version=0)
    db.session.refresh(mailing)
    assert mailing.content == content
    with pytest.raises(NotADraft):
        contents.save(mailing, new_document(), version=0)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (new_document(language="da"), "Afmeld"),
        (new_document(language="da-DK"), "Afmeld"),
        ({"kind": "blocks", "body": {}, "rows": []}, "Unsubscribe"),
        ({"kind": "html", "html": '<html lang="da"><body>Hej</body></html>'}, "Afmeld"),
    ],
)
def test_the_link_to_leave_speaks_the_language_of_the_e_mail(content: Document, word: str) -> None:
    mailing = make_mailing(state=State.DRAFT, content=content)
    with speaking("en"):
        contents.add_unsubscribe_link(mailing)
        contents.add_unsubscribe_to_text(mailing)
    assert f">{word}</a>" in str(mailing.content)
    assert f"{word}: [[link.unsubscribe]]" in str(mailing.content)
