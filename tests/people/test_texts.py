import pytest

from webapp.people.texts import many_lines, one_line, storable


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  Ole \t Hansen ", "Ole Hansen"),
        ("Ole\r\nBcc: victim@example.com", "Ole Bcc: victim@example.com"),
        ("Ole\u2028Hansen", "Ole Hansen"),
        ("Ole\0Hansen", "OleHansen"),
        ("\u202egnp.elO\u202c", "gnp.elO"),
        ("Ole\x07Hansen", "Ole Hansen"),
        ("Ole\ud800", "Ole"),
        ("A\u030ase", "Åse"),
        ("<b>Ole</b>", "<b>Ole</b>"),
        ('=HYPERLINK("http://evil.example","Ole")', '=HYPERLINK("http://evil.example","Ole")'),
        ("👩\u200d💻 Ida", "👩\u200d💻 Ida"),
    ],
)
def test_a_text_becomes_one_printable_line(raw: str, clean: str) -> None:
    assert one_line(raw) == clean


def test_a_note_keeps_its_lines() -> None:
    assert many_lines("Call \x00 him\r\n\r\non  Monday\n") == "Call him\n\non Monday"


def test_what_the_database_refuses_is_taken_out() -> None:
    assert storable("a\0b\ud800c\nd") == "abc\nd"
