"""The purposes that every tenant has from the start."""

from __future__ import annotations

from collections.abc import Mapping

from contacts.contact_points.domain import Channel
from contacts.purposes.domain import LegalBasis, PurposeDefinition, PurposeKind

BUILT_IN: Mapping[str, PurposeDefinition] = {
    purpose.key: purpose
    for purpose in (
        PurposeDefinition(
            "service",
            {"en": "Service messages", "zh-Hant": "服務通知"},
            {
                "en": "What belongs to an order, an appointment or a question of yours.",
                "zh-Hant": "與您的訂單、預約或詢問有關的訊息。",
            },
            PurposeKind.TRANSACTIONAL,
            (Channel.EMAIL, Channel.SMS, Channel.LINE, Channel.CHAT, Channel.PHONE, Channel.POST),
            legal_basis=LegalBasis.CONTRACT,
        ),
        PurposeDefinition(
            "newsletter",
            {"en": "Newsletter", "zh-Hant": "電子報"},
            {
                "en": "News and stories, every now and then.",
                "zh-Hant": "不定期的最新消息與專題內容。",
            },
            channels=(Channel.EMAIL,),
            double_opt_in=True,
        ),
        PurposeDefinition(
            "offers",
            {"en": "Offers", "zh-Hant": "優惠訊息"},
            {
                "en": "Offers and invitations that may suit you.",
                "zh-Hant": "適合您的優惠與活動邀請。",
            },
            channels=(Channel.EMAIL, Channel.SMS, Channel.LINE),
            double_opt_in=True,
        ),
    )
}
