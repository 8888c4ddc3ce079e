"""The navigation at the left: one line for each room that there is."""

from typing import NamedTuple

from flask import Flask

from webapp.platform.locales import _l


class Entry(NamedTuple):
    blueprint: str
    label: object
    icon: str

    @property
    def endpoint(self) -> str:
        return f"{self.blueprint}.index"


ENTRIES = [
    Entry("home", _l("Home"), "home"),
    Entry("mailings", _l("Mailings"), "send"),
    Entry("contacts", _l("Contacts"), "users"),
    Entry("companies", _l("Companies"), "building"),
    Entry("selections", _l("Selections"), "target"),
    Entry("projects", _l("Projects"), "briefcase"),
    Entry("links", _l("Links"), "link"),
    Entry("images", _l("Images"), "photo"),
]


def init_app(app: Flask) -> None:
    app.jinja_env.globals["navigation"] = ENTRIES
