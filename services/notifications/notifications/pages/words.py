"""The texts of public pages, in every language that the platform speaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "unsubscribe.title": "Unsubscribe",
        "unsubscribe.ask": "Do you want to get no more messages of this kind?",
        "unsubscribe.button": "Unsubscribe",
        "unsubscribe.done": "You will get no more messages of this kind.",
        "unsubscribe.preferences": "Choose what you want to get",
        "preferences.title": "What do you want to get?",
        "preferences.save": "Save",
        "preferences.saved": "Your choice is saved.",
        "preferences.none": "There is nothing to choose at the moment.",
        "preferences.all_off": "Unsubscribe from everything",
        "preferences.all_off_done": "You are unsubscribed from everything but what concerns your orders and contracts.",
        "preferences.unavailable": "Your choices cannot be shown right now. You can come back later, or unsubscribe from everything at once.",
        "preferences.not_saved": "Not everything could be saved. Please try again later.",
        "error.link": "This link is not valid, or not any more.",
        "error.title": "That did not work",
        "error.later": "Please try again in a little while.",
        "channel.email": "by e-mail",
        "channel.sms": "by text message",
        "channel.line": "on LINE",
        "channel.chat": "by chat",
        "channel.push": "as push message",
        "channel.post": "by post",
    },
    "zh-Hant": {
        "unsubscribe.title": "取消訂閱",
        "unsubscribe.ask": "您確定不再收到這類訊息嗎？",
        "unsubscribe.button": "取消訂閱",
        "unsubscribe.done": "您將不會再收到這類訊息。",
        "unsubscribe.preferences": "選擇您想收到的訊息",
        "preferences.title": "您想收到哪些訊息？",
        "preferences.save": "儲存",
        "preferences.saved": "您的選擇已儲存。",
        "preferences.none": "目前沒有可以選擇的項目。",
        "preferences.all_off": "全部取消訂閱",
        "preferences.all_off_done": "除了與您的訂單及合約有關的訊息外，您已全部取消訂閱。",
        "preferences.unavailable": "目前無法顯示您的選擇。您可以稍後再試，或立即全部取消訂閱。",
        "preferences.not_saved": "部分選擇未能儲存，請稍後再試。",
        "error.link": "此連結無效，或已失效。",
        "error.title": "操作未成功",
        "error.later": "請稍後再試。",
        "channel.email": "電子郵件",
        "channel.sms": "簡訊",
        "channel.line": "LINE",
        "channel.chat": "聊天訊息",
        "channel.push": "推播通知",
        "channel.post": "郵寄",
    },
}


class Words:
    """The texts in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = TEXTS[language]

    def __call__(self, key: str) -> str:
        """The text. Raises KeyError for an unknown key."""
        return self._texts[key]

    def channel(self, channel: str) -> str:
        """How a channel is called."""
        return self._texts.get(f"channel.{channel}", channel)

    def name_of(self, names: Mapping[str, str], otherwise: str) -> str:
        """A name in this language, else in another, else the word that is given."""
        return names.get(self.language) or next(iter(names.values()), "") or otherwise


def words_for(*wishes: str, accepted: Iterable[str] = ()) -> Words:
    """The texts in the first of these languages that there is; English when there is none.

    Everybody who reads Chinese gets the one kind that there is.
    """
    for wish in (*wishes, *accepted):
        tag = wish.replace("_", "-").lower()
        for language in TEXTS:
            if tag and tag.split("-")[0] == language.split("-")[0]:
                return Words(language)
    return Words("en")
