"""The pipeline that every tenant starts with; it is its own from then on."""

from __future__ import annotations

from sales.pipelines.domain import (
    ForecastCategory,
    OpportunityField,
    PipelineDefinition,
    Stage,
    StageKind,
)

FIRST_PIPELINE = PipelineDefinition(
    name={"en": "Sales", "zh-Hant": "銷售"},
    stages=(
        Stage("new", {"en": "New", "zh-Hant": "新商機"}, probability=10),
        Stage("qualified", {"en": "Qualified", "zh-Hant": "已確認需求"}, probability=30),
        Stage(
            "proposal",
            {"en": "Proposal", "zh-Hant": "提案報價"},
            probability=50,
            required_fields=(OpportunityField.AMOUNT,),
            forecast_category=ForecastCategory.BEST_CASE,
        ),
        Stage(
            "negotiation",
            {"en": "Negotiation", "zh-Hant": "議價"},
            probability=75,
            required_fields=(OpportunityField.AMOUNT, OpportunityField.EXPECTED_CLOSE_ON),
            forecast_category=ForecastCategory.COMMIT,
        ),
        Stage("won", {"en": "Won", "zh-Hant": "成交"}, StageKind.WON, probability=100),
        Stage("lost", {"en": "Lost", "zh-Hant": "失單"}, StageKind.LOST),
    ),
)
