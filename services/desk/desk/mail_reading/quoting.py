"""Cuts what a reply quotes: the conversation has it already.

Rather too little is cut than too much. Answers between the lines of a quotation keep all of it, and
what is forwarded is the message.
"""

from __future__ import annotations

import re

_FORWARDED = re.compile(r"^\s*(fwd?|轉寄|转发|轉發|wg|tr|rv|転送)\s*[:：]", re.IGNORECASE)
_SAYS_WHO = re.compile(
    r"^(on\b.{4,300}\bwrote|am\b.{4,300}\bschrieb.{0,100}|le\b.{4,300}\ba écrit|el\b.{4,300}\bescribió"
    r"|op\b.{4,300}\bschreef.{0,100}|il\b.{4,300}\bha scritto|em\b.{4,300}\bescreveu"
    r"|(在|於|于)?.{4,300}(寫道|写道|書きました|のメール|님이 작성)|\d{4}\s*(年|/|-).{4,200}<[^<>\s]+@[^<>\s]+>)\s*[:：]?$",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"^\s*[-_]{2,}\s*(original message|original appointment|原始郵件|原始邮件|原始訊息|邮件原件|"
    r"ursprüngliche nachricht|message d'origine|mensaje original|元のメッセージ|원본 메시지)\s*[-_]{2,}\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"^\s*\*?(from|寄件者|寄件人|发件人|發件人|von|de|差出人|보낸 사람)\*?\s*[:：]", re.IGNORECASE
)
_OTHERS = re.compile(
    r"^\s*\*?(sent|date|to|cc|subject|寄件日期|傳送時間|日期|收件者|收件人|主旨|主題|主题|副本|发送时间|發送時間|抄送"
    r"|gesendet|an|betreff|datum|envoyé|à|objet|enviado|para|asunto|送信日時|宛先|件名|날짜|받는 사람|제목)\*?\s*[:：]",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*_{20,}\s*$")
_LONGEST_LINE = 400


def without_quotation(text: str, subject: str = "") -> str:
    """What the writer of a mail says; all of it where nothing else is left."""
    lines = text.split("\n")
    if _FORWARDED.match(subject):
        return text.strip()
    start = _start_of_quotation(lines)
    own = lines if start is None else _own_lines(lines, start)
    return "\n".join(_without_tail(own)).strip() or text.strip()


def _start_of_quotation(lines: list[str]) -> int | None:
    for place, line in enumerate(lines):
        short = line.strip()
        if not short or len(short) > _LONGEST_LINE:
            continue
        if _LINE.match(short) or _is_header_block(lines, place):
            return place - 1 if place and _RULE.match(lines[place - 1]) else place
        if _SAYS_WHO.match(short) or _says_who_over_two_lines(lines, place):
            return place
    return None


def _says_who_over_two_lines(lines: list[str], place: int) -> bool:
    """Programs break the line; the second half ends it."""
    first = lines[place].strip()
    following = lines[place + 1].strip() if place + 1 < len(lines) else ""
    if not following.endswith((":", "：")) or len(following) > _LONGEST_LINE:
        return False
    return bool(_SAYS_WHO.match(f"{first} {following}"))


def _is_header_block(lines: list[str], place: int) -> bool:
    if not _FROM.match(lines[place]):
        return False
    return sum(bool(_OTHERS.match(line)) for line in lines[place + 1 : place + 6]) >= 2


def _own_lines(lines: list[str], start: int) -> list[str]:
    before, after = lines[:start], lines[start + 1 :]
    if (
        after
        and _says_who_over_two_lines(lines, start)
        and not _SAYS_WHO.match(lines[start].strip())
    ):
        after = after[1:]
    quoted = [place for place, line in enumerate(after) if line.lstrip().startswith(">")]
    if not quoted:
        return before
    own_after = [line for line in after[quoted[0] :] if line.strip() and not _is_quoted(line)]
    if not own_after:
        return before
    between = after[quoted[0] : quoted[-1] + 1]
    is_one_block = all(not line.strip() or _is_quoted(line) for line in between)
    if is_one_block:
        return [*before, *after[quoted[-1] + 1 :]]
    return lines


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _without_tail(lines: list[str]) -> list[str]:
    """Without a quotation that is the end of the text, and has nothing that says whose it is."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _is_quoted(lines[end - 1])):
        end -= 1
    return lines[:end]
