import pytest
from sqlalchemy import update

from tests.factories import make_content, make_mailing
from webapp.content.document.opening import Document, open_document
from webapp.content.document.operations import (
    add_block,
    delete,
    new_document,
    update_body,
    update_part,
)
from webapp.content.document.parts import all_blocks, row_of
from webapp.mailings import contents
from webapp.mailings.contents import ChangedMeanwhile
from webapp.mailings.drafts import NotADraft
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db
from webapp.platform.locales import speaking


def first_block(mailing: Mailing) -> str:
    return str(next(all_blocks(open_document(mailing.content)))["id"])


def write(mailing: Mailing, part: str, *, seen: int, **values: str) -> None:
    document = update_part(open_document(mailing.content), part, values)
    contents.save(mailing, document, version=seen, of=part)


def test_every_change_counts_the_version_up() -> None:
    mailing = make_mailing(state=State.DRAFT)
    contents.save(mailing, new_document(), version=0)
    assert mailing.content_version == 1


def test_saving_what_is_there_already_changes_nothing() -> None:
    content = make_content()
    mailing = make_mailing(state=State.DRAFT, content=content)
    contents.save(mailing, content, version=0)
    assert mailing.content_version == 0


def test_two_people_change_different_parts_of_what_both_saw() -> None:
    mailing = make_mailing(state=State.DRAFT)
    heading, text, *_rest = (block["id"] for block in all_blocks(mailing.content))
    write(mailing, heading, text="Mine", seen=0)
    write(mailing, text, html="<p>Theirs</p>", seen=0)
    contents.save(mailing, add_block(mailing.content, "divider")[0], version=0, of="new")
    first, second, *others = all_blocks(mailing.content)
    assert (first["text"], second["html"]) == ("Mine", "<p>Theirs</p>")
    assert "divider" in [block["type"] for block in others]


def test_a_late_change_of_the_same_part_does_not_go_over_a_newer_one() -> None:
    mailing = make_mailing(state=State.DRAFT)
    heading = first_block(mailing)
    write(mailing, heading, text="First", seen=0)
    with pytest.raises(ChangedMeanwhile):
        write(mailing, heading, text="Late", seen=0)
    write(mailing, heading, text="Knowingly", seen=1)
    assert next(all_blocks(mailing.content))["text"] == "Knowingly"


def test_what_is_undone_was_changed_too() -> None:
    mailing = make_mailing(state=State.DRAFT)
    heading = first_block(mailing)
    write(mailing, heading, text="Lumo", seen=0)
    write(mailing, heading, text="Lumo dims", seen=1)
    contents.undo(mailing, version=2)
    with pytest.raises(ChangedMeanwhile):
        write(mailing, heading, text="Late", seen=2)


def test_a_row_is_not_deleted_with_words_that_were_not_seen() -> None:
    mailing = make_mailing(state=State.DRAFT)
    heading = first_block(mailing)
    row = row_of(mailing.content, heading)["id"]
    write(mailing, heading, text="Theirs", seen=0)
    with pytest.raises(ChangedMeanwhile):
        contents.save(mailing, delete(mailing.content, row), version=0, of=row)


def test_the_look_of_the_whole_is_a_part_too() -> None:
    mailing = make_mailing(state=State.DRAFT)
    wide, narrow = (update_body(mailing.content, {"width": each}) for each in (700, 500))
    contents.save(mailing, wide, version=0, of="body")
    write(mailing, first_block(mailing), text="Lumo", seen=0)
    with pytest.raises(ChangedMeanwhile):
        contents.save(mailing, narrow, version=0, of="body")


def test_a_late_change_of_the_whole_does_not_go_over_a_newer_one() -> None:
    mailing = make_mailing(state=State.DRAFT)
    newer, _block = add_block(make_content(), "divider")
    contents.save(mailing, newer, version=0)
    with pytest.raises(ChangedMeanwhile):
        contents.save(mailing, new_document(), version=0)
    assert mailing.content == newer


def test_what_is_gone_is_forgotten() -> None:
    mailing = make_mailing(state=State.DRAFT)
    heading = first_block(mailing)
    write(mailing, heading, text="Lumo", seen=0)
    contents.save(mailing, delete(mailing.content, heading), version=1, of=heading)
    assert heading not in mailing.part_versions


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
