import pytest

from tests.factories import make_content
from tests.support.drafts import found_by, make_draft, the_finding, with_block, written
from webapp.content.document.opening import Document
from webapp.content.document.operations import add_block, delete, new_document, update_part
from webapp.content.document.parts import all_blocks
from webapp.mailings import preflight
from webapp.mailings.checks import content
from webapp.mailings.checks.finding import Level, Place
from webapp.mailings.models import Mailing
from webapp.platform.locales import speaking

LEAVE = '<a href="[[link.unsubscribe]]">Unsubscribe</a>'
PICTURE = "https://www.fjordlys.example/lumo-table.jpg?w=600"


def finished(html: str) -> Mailing:
    return make_draft(content={"kind": "html", "html": html})


def nothing_but(document: Document, kind: str) -> Document:
    for block in list(all_blocks(document)):
        if block["type"] != kind:
            document = delete(document, block["id"])
    return document


def test_an_e_mail_without_a_word_or_picture_is_an_error() -> None:
    empty = make_draft(content=nothing_but(with_block("spacer"), "spacer"))
    [finding] = found_by(content.something_written, empty)
    assert finding.level is Level.ERROR
    assert found_by(content.something_written, finished(f'<img src="{PICTURE}">')) == []


def test_a_broken_block_is_an_error() -> None:
    document = make_content()
    document["rows"][0]["columns"][0]["blocks"][0] = "not a block"
    [finding] = found_by(content.tags_and_blocks, make_draft(content=document))
    assert "cannot be shown" in finding.text
    assert finding.level is Level.ERROR


def test_a_button_that_leads_nowhere_is_an_error_at_its_block() -> None:
    document = with_block("button", label="Read more", url="")
    finding = the_finding(
        found_by(content.tags_and_blocks, make_draft(content=document)), "leads nowhere"
    )
    assert finding.level is Level.ERROR
    assert finding.at in {block["id"] for block in all_blocks(document)}


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("image", {"src": ""}, "no address yet"),
        ("heading", {"text": "Hi", "color": "#eeeeee"}, "hard to read"),
        ("text", {"on_desktop": False, "on_mobile": False}, "neither on computers nor"),
    ],
)
def test_what_is_not_finished_is_a_warning_at_its_block(
    kind: str, values: dict[str, object], words: str
) -> None:
    document = with_block(kind, **values)
    mailing = make_draft(content=document)
    finding = the_finding(found_by(content.tags_and_blocks, mailing), words)
    assert finding.level is Level.WARNING
    assert finding.at in {block["id"] for block in all_blocks(document) if block["type"] == kind}


@pytest.mark.parametrize("kind", ["heading", "text", "quote"])
@pytest.mark.parametrize("language", ["en", "da"])
def test_what_a_block_began_with_is_a_warning_until_it_is_written_over(
    kind: str, language: str
) -> None:
    with speaking(language):
        document, block_id = add_block(written(), kind)
    [finding] = found_by(content.unwritten, make_draft(content=document))
    assert finding.at == block_id
    over = update_part(document, block_id, {"text": "Lumo", "html": "<p>A <b>heading</b></p>"})
    assert found_by(content.unwritten, make_draft(content=over)) == []


def test_a_new_e_mail_is_not_written_yet() -> None:
    found = found_by(content.unwritten, make_draft(content=new_document()))
    assert [finding.text for finding in found] == [
        "A block still says “Your heading”",
        "A block still says “Write here what you want to tell.”",
    ]


@pytest.mark.parametrize("where", ["subject", "preheader", "text"])
def test_a_mistake_outside_the_blocks_says_where_it_is(where: str) -> None:
    mailing = make_draft()
    if where == "text":
        mailing.content = make_content() | {"text": "Hi [[customer.fristname]]"}
    else:
        setattr(mailing, where, "Hi [[customer.fristname]]")
    finding = the_finding(found_by(content.tags_and_blocks, mailing), "customer.fristname")
    assert finding.place is (Place.TEXT if where == "text" else Place.SETUP)
    assert finding.at == ("" if where == "text" else where)


def test_a_text_that_nobody_can_read_is_a_warning() -> None:
    mailing = make_draft(content=make_content() | {"text": "See [[link.unsubscribe]]"})
    assert found_by(content.unsubscribe_in_text, mailing) == []
    [finding] = found_by(content.text_part, mailing)
    assert (finding.level, finding.place) == (Level.WARNING, Place.TEXT)


def test_a_generated_text_is_left_alone() -> None:
    mailing = make_draft()
    assert found_by(content.unsubscribe_in_text, mailing) == []
    assert found_by(content.text_part, mailing) == []


def test_a_picture_without_alt_text_is_a_warning_with_its_name() -> None:
    [finding] = found_by(content.pictures, make_draft(content=with_block("image", src=PICTURE)))
    assert "lumo-table.jpg" in finding.text
    assert finding.at


def test_html_of_ones_own_is_looked_through_for_pictures() -> None:
    html = '<p>Hi</p><img src="https://x.example/a.png"><img src="https://x.example/b.png" alt="">'
    for mailing in (finished(html + LEAVE), make_draft(content=with_block("html", html=html))):
        [finding] = found_by(content.pictures, mailing)
        assert "a.png" in finding.text


@pytest.mark.parametrize(
    ("times", "level"), [(4000, Level.HINT), (4900, Level.WARNING)], ids=["near", "cut"]
)
def test_a_message_that_gmail_would_cut_is_told_before(times: int, level: Level) -> None:
    heavy = written()
    for _half in range(2):
        heavy, block_id = add_block(heavy, "text")
        heavy = update_part(heavy, block_id, {"html": "Light for everybody. " * (times // 2)})
    [finding] = found_by(content.weight, make_draft(content=heavy))
    assert finding.level is level


def test_pictures_with_hardly_a_word_are_a_hint() -> None:
    [finding] = found_by(content.pictures_alone, finished(f'<img src="{PICTURE}">{LEAVE}'))
    assert finding.level is Level.HINT
    written = "<p>" + "Our lamps dim with the day, and so do we. " * 3 + "</p>"
    for pictures in (1, 12):  # A logo and many icons are no fault of the words.
        images = f'<img src="{PICTURE}">' * pictures
        assert found_by(content.pictures_alone, finished(written + images + LEAVE)) == []


@pytest.mark.parametrize(
    "tag", ["*|FNAME|*", "{{ unsubscribe_url }}", "{{{body}}}", "%%emailaddr%%"]
)
def test_a_tag_of_another_program_is_a_warning(tag: str) -> None:
    [finding] = found_by(content.foreign_tags, finished(f'<p><a href="{tag}">Out</a></p>{LEAVE}'))
    assert tag in finding.text
    document, block_id = add_block(written(), "text")
    typed = update_part(document, block_id, {"html": f"<p>Hi {tag}</p>"})
    [finding] = found_by(content.foreign_tags, make_draft(content=typed))
    assert finding.at == block_id
    [finding] = found_by(content.foreign_tags, make_draft(subject=f"Hi {tag}"))
    assert (finding.place, finding.at) == (Place.SETUP, "subject")


def test_our_own_tags_and_style_sheets_are_not_foreign() -> None:
    style = "<style>@media print{a{color:red}}</style>"
    mailing = finished(f"{style}<p>Hi [[customer.firstname]], 100% *|* {{x}}</p>{LEAVE}")
    assert found_by(content.foreign_tags, mailing) == []


def test_xhtml_is_checked_too() -> None:
    head = '<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
    mailing = finished(
        f'{head}<body><img src="{PICTURE}"/>{LEAVE}<a href="ftp:/">x</a></body></html>'
    )
    report = preflight.check(mailing)
    the_finding(report.warnings, "has no alt text")
    the_finding(report.warnings, "no address")
