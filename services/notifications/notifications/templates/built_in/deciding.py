"""What people who look after loyalty programs are told, in English and Traditional Chinese: what they decide."""

from __future__ import annotations

from notifications.templates.built_in.making import TEXT, TIME, required_object, told_template

_POINTS_ADJUSTMENT_WAITING = told_template(
    "points_adjustment_waiting",
    "Points that somebody gives or takes by hand wait for a second person",
    required_object(
        ("adjustment_id", "points", "waits_until"),
        adjustment_id=TEXT,
        points={"type": "integer"},
        waits_until=TIME,
    ),
    "/loyalty/adjustments/{{ adjustment_id }}",
    (
        "Points wait for a second person",
        (
            "{% if points < 0 %}To be taken from a member: {{ (0 - points)|number }}."
            "{% else %}To be given to a member: {{ points|number }}.{% endif %}"
            " Please decide by {{ waits_until|datetime('short') }}."
        ),
    ),
    (
        "有一筆點數調整等您覆核",
        (
            "{% if points < 0 %}擬扣除會員 {{ (0 - points)|number }} 點。"
            "{% else %}擬給予會員 {{ points|number }} 點。{% endif %}"
            "請於 {{ waits_until|datetime('short') }} 前決定。"
        ),
    ),
)
_VELOCITY_REVIEW_WAITING = told_template(
    "velocity_review_waiting",
    "What went beyond a limit is held until somebody decides",
    required_object(("velocity_review_id", "act"), velocity_review_id=TEXT, act=TEXT),
    "/loyalty/velocity-reviews/{{ velocity_review_id }}",
    (
        "Something is held beyond a limit",
        (
            "{% if act == 'earning' %}Points that were earned wait"
            "{% else %}It waits{% endif %} until somebody decides whether it is in order."
        ),
    ),
    (
        "有一筆超出上限的紀錄待審查",
        (
            "{% if act == 'earning' %}一筆點數入帳"
            "{% else %}一筆紀錄{% endif %}已暫停，請判斷是否正常。"
        ),
    ),
)
_REFERRAL_HELD = told_template(
    "referral_held",
    "A recommendation is held until somebody decides whether it counts",
    required_object(("referral_id",), referral_id=TEXT),
    "/loyalty/referrals/{{ referral_id }}",
    (
        "A recommendation waits for a decision",
        "Nothing is given for it until somebody decides whether it counts.",
    ),
    ("有一筆推薦等您決定", "決定是否有效之前，雙方都不會獲得獎勵。"),
)

DECIDING_TEMPLATES = (_POINTS_ADJUSTMENT_WAITING, _VELOCITY_REVIEW_WAITING, _REFERRAL_HELD)
"""In the order in which people meet them."""
