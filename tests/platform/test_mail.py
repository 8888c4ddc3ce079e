import socket

from flask import Flask

from tests.support.smtp import ScriptedSmtp
from webapp.platform import mail


def test_a_connection_sends_what_it_is_given_at_once(app: Flask, smtp: ScriptedSmtp) -> None:
    """Otherwise the end of each message waits until its beginning was acknowledged."""
    host = mail.Connection(mail.of_environment()).configure_host()
    assert host.sock is not None
    assert host.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    host.close()
