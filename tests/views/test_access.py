"""Every route with the right that it asks for: a new one has to be entered here on purpose."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import make_user
from webapp.accounts.rights import Right, Role

ROUTES = """
accounts.first_start         anybody
accounts.language            anybody
accounts.preferences         view
accounts.sign_in             anybody
accounts.sign_out            anybody
attachments.add              write_mailings
attachments.download         view
attachments.remove           write_mailings
companies.activities         view
companies.delete             edit_people
companies.edit               edit_people
companies.index              view
companies.new                edit_people
companies.people             view
companies.show               view
companies.suggestions        view
confirm.checks               write_mailings
confirm.domain               write_mailings
confirm.fix                  write_mailings
confirm.index                write_mailings
confirm.send                 send_mailings
contact.activities           view
contact.privacy              view
contact.projects_of          view
contact.selections_of        view
contacts.block               edit_people
contacts.consent             edit_people
contacts.delete              edit_people
contacts.delete_chosen       edit_people
contacts.edit                edit_people
contacts.index               view
contacts.leave_selection     edit_people
contacts.lift_block          edit_people
contacts.new                 edit_people
contacts.show                view
deleted.index                write_mailings
deleted.restore              write_mailings
editing.add                  write_mailings
editing.code                 write_mailings
editing.delete               write_mailings
editing.duplicate            write_mailings
editing.layout               write_mailings
editing.move                 write_mailings
editing.put_aside            write_mailings
editing.redo                 write_mailings
editing.style                write_mailings
editing.text                 write_mailings
editing.throw_away           write_mailings
editing.to_the_edges         write_mailings
editing.undo                 write_mailings
editing.update               write_mailings
editor.canvas                write_mailings
editor.index                 write_mailings
editor.next_reader           write_mailings
editor.others                write_mailings
editor.people                write_mailings
fields.bring_back            administer
fields.delete                administer
fields.edit                  administer
fields.index                 administer
fields.move                  administer
fields.new                   administer
folders.delete               write_mailings
folders.move                 write_mailings
folders.new                  write_mailings
folders.rename               write_mailings
health.index                 administer
health.recipients            administer
home.index                   view
images.crop                  write_mailings
images.delete                write_mailings
images.edit                  write_mailings
images.index                 view
images.move                  write_mailings
images.pick                  write_mailings
images.show                  view
images.upload                write_mailings
imports.check                import_people
imports.columns              import_people
imports.delete               import_people
imports.extend_lists         administer
imports.index                import_people
imports.new                  import_people
imports.rejected             import_people
imports.retry                import_people
imports.sheet                import_people
imports.show                 import_people
link_choice.index            write_mailings
link_choice.make             write_mailings
link_choice.plain            write_mailings
links.delete                 write_mailings
links.edit                   write_mailings
links.index                  view
links.move                   write_mailings
links.new                    write_mailings
links.reset                  write_mailings
links.show                   view
lists.delete                 administer
lists.index                  administer
lists.interests              edit_people
lists.rename                 administer
mailing.cancel               send_mailings
mailing.content              view
mailing.links                view
mailing.pause                send_mailings
mailing.recipients_of        view
mailing.resend               send_mailings
mailing.resume               send_mailings
mailing.send                 send_mailings
mailing.shown_message        view
mailing.summary              view
mailings.duplicate           write_mailings
mailings.index               view
mailings.look                view
mailings.new                 write_mailings
merging.choose_company       edit_people
merging.choose_contact       edit_people
merging.index                edit_people
merging.keep_apart           edit_people
merging.kept_apart           edit_people
merging.merge_companies      edit_people
merging.merge_contacts       edit_people
merging.undo_apart           edit_people
message.view                 anybody
own_html.new                 write_mailings
own_html.source              write_mailings
privacy.subscription         edit_people
projects.activities          view
projects.add                 edit_people
projects.add_members         edit_people
projects.change_role         edit_people
projects.delete              edit_people
projects.edit                edit_people
projects.index               view
projects.join                edit_people
projects.leave               edit_people
projects.new                 edit_people
projects.remove_members      edit_people
projects.show                view
projects.suggestions         view
public_attachments.download  anybody
public_images.show           anybody
recipients.choose_options    write_mailings
recipients.end_override      write_mailings
recipients.give_up           write_mailings
recipients.index             write_mailings
recipients.override          override_consent
recipients.progress          write_mailings
recipients.update            write_mailings
scheduling.index             send_mailings
scheduling.save              send_mailings
scheduling.undo              send_mailings
selections.add               edit_people
selections.add_members       edit_people
selections.delete            edit_people
selections.edit              edit_people
selections.index             view
selections.join              edit_people
selections.mailings          view
selections.new               edit_people
selections.remove_members    edit_people
selections.show              view
selections.suggestions       view
servers.check                administer
servers.check_new            administer
servers.delete               administer
servers.edit                 administer
servers.index                administer
servers.new                  administer
servers.try_again            administer
settings.index               administer
settings.new_user            administer
settings.user                administer
setup.index                  write_mailings
shelving.delete              write_mailings
shelving.move                write_mailings
shelving.put_back            write_mailings
sources.add_contact          write_mailings
sources.add_file             write_mailings
sources.add_pasted           write_mailings
sources.add_project          write_mailings
sources.add_selection        write_mailings
sources.remove               write_mailings
subscription_types.delete    administer
subscription_types.edit      administer
subscription_types.index     administer
subscription_types.new       administer
subscription_types.privacy   administer
subscriptions.leave          anybody
subscriptions.put_back       anybody
subscriptions.tell_why       anybody
subscriptions.unsubscribe    anybody
track.clicked                anybody
track.opened                 anybody
template_step.blank          write_mailings
template_step.index          write_mailings
template_step.look           write_mailings
template_step.supplied       write_mailings
templates.copy               write_mailings
templates.copy_mailing       write_mailings
templates.delete             write_mailings
templates.export             write_mailings
templates.index              write_mailings
templates.look               write_mailings
templates.move               write_mailings
templates.rename             write_mailings
templates.take_in            write_mailings
trial.send                   write_mailings
updates.index                edit_people
updates.outcome              edit_people
updates.retry                edit_people
updates.ticked               edit_people
"""
EXPECTED = dict(line.split() for line in ROUTES.strip().splitlines())


def test_every_route_asks_for_the_right_that_is_written_here(app: Flask) -> None:
    found = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            right = app.view_functions[rule.endpoint].right  # type: ignore[attr-defined]
            found[rule.endpoint] = right.value if right else "anybody"
    assert found == EXPECTED


@pytest.mark.parametrize(
    "endpoint", [endpoint for endpoint, right in EXPECTED.items() if right != "anybody"]
)
def test_nobody_gets_in_without_signing_in(app: Flask, client: FlaskClient, endpoint: str) -> None:
    make_user()
    for rule in app.url_map.iter_rules(endpoint):
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        path = rule.build(dict.fromkeys(rule.arguments, 1))
        assert path is not None
        answer = client.open(path[1], method=method)
        assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_a_user_without_the_right_is_told_so(signed_in: Callable[..., FlaskClient]) -> None:
    answer = signed_in(Role.VIEWER).get("/contacts/new")
    assert answer.status_code == 403
    assert Right.EDIT_PEOPLE not in Role.VIEWER.rights


def test_a_form_without_its_token_is_refused(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert client.post("/sign-out").status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
