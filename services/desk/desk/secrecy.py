"""What desk signs, and what operations need for it."""

from __future__ import annotations

from desk.attachments.links import FileLinks
from desk.mailboxes.answer_addresses import AnswerAddresses
from desk.settings import DeskSettings
from desk.survey_requests.links import SurveyLinks


class Secrecy:
    """What makes and reads links and addresses that only desk can make, as the settings give it."""

    def __init__(self, settings: DeskSettings) -> None:
        self.file_links = FileLinks(settings.sealing_secrets, settings.public_url)
        self.answer_addresses = AnswerAddresses(settings.sealing_secrets)
        self.survey_links = SurveyLinks(settings.sealing_secrets, settings.public_url)
