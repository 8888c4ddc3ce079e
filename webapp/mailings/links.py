"""The public links of a message. All but those to attachments name their recipient; the recipient 0
is a preview or test."""

from dataclasses import dataclass

from webapp.platform.tokens import Purpose, Signer

PREVIEW = 0
"""Stands for the recipient in previews and tests: the links work, but never count or change."""

PATHS = {
    Purpose.OPEN: ("/o/", ".gif"),
    Purpose.CLICK: ("/c/", ""),
    Purpose.VIEW: ("/v/", ""),
    Purpose.UNSUBSCRIBE: ("/u/", ""),
    Purpose.ATTACHMENT: ("/f/", ""),
}
"""What stands before and after the token."""


@dataclass(frozen=True)
class PublicLinks:
    """Makes the links; `public_url` is what they begin with, without a slash at its end."""

    signer: Signer
    public_url: str

    def open(self, mailing_id: int, recipient_id: int) -> str:
        return self._address(Purpose.OPEN, mailing_id, recipient_id)

    def click(self, mailing_id: int, recipient_id: int, number: int) -> str:
        return self._address(Purpose.CLICK, mailing_id, recipient_id, number)

    def view(self, mailing_id: int, recipient_id: int) -> str:
        return self._address(Purpose.VIEW, mailing_id, recipient_id)

    def unsubscribe(self, mailing_id: int, recipient_id: int) -> str:
        return self._address(Purpose.UNSUBSCRIBE, mailing_id, recipient_id)

    def attachment(self, mailing_id: int, attachment_id: int) -> str:
        return self._address(Purpose.ATTACHMENT, mailing_id, attachment_id)

    def around(self, purpose: Purpose) -> tuple[str, str]:
        """What stands before and after a token, for whoever puts in many."""
        before, after = PATHS[purpose]
        return self.public_url + before, after

    def _address(self, purpose: Purpose, *numbers: int) -> str:
        before, after = self.around(purpose)
        return before + self.signer.sign(purpose, *numbers) + after
