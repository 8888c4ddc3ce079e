"""What DNS says of the From domain, asked of a server of our own."""

from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from tests.support.dns import ScriptedDns
from webapp.mailings.checks import domain
from webapp.mailings.checks.finding import Finding, Level
from webapp.platform import domain_records
from webapp.platform.queueing import connection

SPF = {"fjordlys.dk": ["google-site-verification=x", "v=spf1 include:_spf.lys.dk -all"]}
DKIM = {"k1._domainkey.fjordlys.dk": ["v=DKIM1; p=MIG"]}
DMARC = {"_dmarc.fjordlys.dk": ["v=DMARC1; p=none"]}
EVERYTHING = SPF | DKIM | DMARC

World = Callable[..., ScriptedDns]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    begun: list[ScriptedDns] = []

    def begin(texts: dict[str, list[str]], *, silent: bool = False) -> ScriptedDns:
        dns = ScriptedDns(texts, silent=silent).__enter__()
        begun.append(dns)
        monkeypatch.setattr(domain_records, "_resolver", dns.resolver)
        return dns

    yield begin
    for dns in begun:
        dns.__exit__(None, None, None)


def levels(found: list[Finding]) -> list[Level]:
    return [finding.level for finding in found]


def test_a_domain_with_everything_is_fine_and_reads_what_must_be_signed(world: World) -> None:
    world(EVERYTHING)
    found = domain.findings("mette@fjordlys.dk")
    assert levels(found) == [Level.FINE, Level.HINT, Level.FINE]
    assert "List-Unsubscribe-Post" in found[1].detail


@pytest.mark.parametrize(
    ("texts", "place", "words"),
    [
        (DKIM | DMARC, 0, "which servers send"),
        (EVERYTHING | {"fjordlys.dk": ["v=spf1 -all", "v=spf1 +mx"]}, 0, "more than one SPF"),
        (SPF | DMARC, 1, "no key"),
        (SPF | DKIM, 2, "forgeries"),
    ],
)
def test_what_is_missing_is_a_warning(
    world: World, texts: dict[str, list[str]], place: int, words: str
) -> None:
    world(texts)
    finding = domain.findings("mette@fjordlys.dk")[place]
    assert finding.level is Level.WARNING
    assert words in finding.text


def test_the_policy_of_the_domain_above_holds_below_it(world: World) -> None:
    below = {"news.fjordlys.dk": SPF["fjordlys.dk"], "k1._domainkey.news.fjordlys.dk": ["v=DKIM1"]}
    world(EVERYTHING | below)
    assert Level.WARNING not in levels(domain.findings("mette@news.fjordlys.dk"))


def test_a_domain_that_does_not_exist_is_a_warning(world: World) -> None:
    world(EVERYTHING)
    [finding] = domain.findings("mette@fjordlyss.dk")
    assert finding.level is Level.WARNING
    assert "does not exist" in finding.text


def test_what_was_looked_up_is_remembered_for_a_while(world: World) -> None:
    dns = world(EVERYTHING)
    first = domain.findings("mette@fjordlys.dk")
    asked = len(dns.asked)
    assert domain.findings("mette@fjordlys.dk") == first
    assert len(dns.asked) == asked
    assert 0 < connection().ttl("domain records:fjordlys.dk") <= domain_records.REMEMBERED


def test_a_dns_that_does_not_answer_is_waited_for_briefly_and_is_no_fault(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain_records, "PATIENCE", 0.3)
    world({}, silent=True)
    began = monotonic()
    [finding] = domain.findings("mette@fjordlys.dk")
    assert monotonic() - began < 5
    assert finding.level is Level.HINT
    assert "could not be looked up" in finding.text
    assert connection().keys("domain records:*") == []


def test_an_address_that_is_none_is_not_looked_up() -> None:
    assert domain.findings("") == []
