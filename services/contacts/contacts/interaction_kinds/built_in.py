"""The kinds of interactions that every tenant has from the start."""

from __future__ import annotations

from collections.abc import Mapping

from contacts.interaction_kinds.domain import Direction, KindDefinition


def _kind(key: str, english: str, chinese: str, *, alive: bool = True) -> KindDefinition:
    label = {"en": english, "zh-Hant": chinese}
    return KindDefinition(key, label, Direction.INBOUND, sign_of_life=alive)


def _sent(key: str, english: str, chinese: str) -> KindDefinition:
    label = {"en": english, "zh-Hant": chinese}
    return KindDefinition(key, label, Direction.OUTBOUND)


BUILT_IN: Mapping[str, KindDefinition] = {
    kind.key: kind
    for kind in (
        _kind("sign_up", "Signed up", "註冊"),
        _kind("sign_in", "Signed in", "登入"),
        _kind("visit", "Visited", "造訪"),
        _kind("click", "Clicked", "點擊"),
        _kind("post", "Posted", "發文"),
        _kind("answer", "Answered", "回答"),
        _kind("reply", "Replied", "回覆"),
        _kind("praise", "Praised", "讚賞"),
        _kind("complaint", "Complained", "客訴"),
        _kind("review", "Reviewed", "評論"),
        _kind("share", "Shared", "分享"),
        _kind("referral", "Referred somebody", "推薦他人"),
        _kind("call", "Called", "來電"),
        _kind("chat", "Chatted", "線上對話"),
        _kind("meeting", "Met", "會面"),
        _kind("web_form", "Filled in a form", "填寫表單"),
        _kind("download", "Downloaded", "下載"),
        _kind("purchase", "Bought", "購買"),
        # What comes back says that nobody is there any more.
        _kind("returned_mail", "Mail came back", "郵件退回", alive=False),
        _kind("unsubscribe", "Unsubscribed", "取消訂閱"),
        _sent("call_made", "Was called", "去電"),
        _sent("message_sent", "Was written to", "發送訊息"),
    )
}
