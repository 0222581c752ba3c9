"""BANT, by which every tenant starts to qualify: budget, authority, need, timeline.

The four questions were IBM's; the answers and their points are ours, and the tenant's own to change.
"""

from __future__ import annotations

from collections.abc import Mapping

from sales.qualification_frameworks.domain import (
    AnswerOption,
    FrameworkDefinition,
    Question,
    Verdict,
)

_Answer = tuple[str, str, int, Verdict]


def _question(key: str, name: Mapping[str, str], **answers: _Answer) -> Question:
    options = tuple(
        AnswerOption(answer, {"en": english, "zh-Hant": chinese}, points, verdict)
        for answer, (english, chinese, points, verdict) in answers.items()
    )
    return Question(key, name, options)


BANT = FrameworkDefinition(
    name={"en": "BANT", "zh-Hant": "BANT 銷售資格評估"},
    questions=(
        _question(
            "budget",
            {"en": "Budget", "zh-Hant": "預算"},
            approved=("The money is approved", "預算已核准", 25, Verdict.MET),
            planned=("It is planned for", "已編列預算", 15, Verdict.PARTLY),
            possible=("It could be found", "可能爭取預算", 5, Verdict.PARTLY),
            none=("There is none", "沒有預算", 0, Verdict.UNMET),
        ),
        _question(
            "authority",
            {"en": "Authority", "zh-Hant": "決策權"},
            decides=("They decide", "可自行決定", 25, Verdict.MET),
            influences=("They have a say", "具有影響力", 15, Verdict.PARTLY),
            introduces=("They know who decides", "可引薦決策者", 5, Verdict.PARTLY),
            none=("They have no part in it", "無關決策", 0, Verdict.UNMET),
        ),
        _question(
            "need",
            {"en": "Need", "zh-Hant": "需求"},
            urgent=("It hurts now", "迫切需要", 25, Verdict.MET),
            known=("They know that they need it", "已確認需求", 20, Verdict.MET),
            vague=("It would be good to have", "潛在需求", 5, Verdict.PARTLY),
            none=("There is none", "沒有需求", 0, Verdict.UNMET),
        ),
        _question(
            "timeline",
            {"en": "Timeline", "zh-Hant": "時程"},
            quarter=("Within three months", "三個月內", 25, Verdict.MET),
            year=("Within a year", "一年內", 15, Verdict.PARTLY),
            later=("Later", "一年以上", 5, Verdict.PARTLY),
            never=("Not at all", "沒有計畫", 0, Verdict.UNMET),
        ),
    ),
    threshold=60,
)
