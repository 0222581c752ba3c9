"""The reasons that every tenant starts with; they are its own from then on."""

from __future__ import annotations

from collections.abc import Mapping

from sales.reasons.domain import ReasonKind

BUILT_IN: Mapping[ReasonKind, Mapping[str, Mapping[str, str]]] = {
    ReasonKind.LOSS: {
        "price": {"en": "Price", "zh-Hant": "價格"},
        "competitor": {"en": "Went to a competitor", "zh-Hant": "選擇競爭對手"},
        "no_budget": {"en": "No budget", "zh-Hant": "沒有預算"},
        "no_need": {"en": "No need after all", "zh-Hant": "沒有需求"},
        "timing": {"en": "Wrong time", "zh-Hant": "時機不對"},
        "no_answer": {"en": "No answer any more", "zh-Hant": "不再回覆"},
    },
    ReasonKind.RETURN: {
        "defective": {"en": "Defective", "zh-Hant": "商品瑕疵"},
        "wrong_item": {"en": "Wrong item", "zh-Hant": "寄錯商品"},
        "not_as_described": {"en": "Not as described", "zh-Hant": "與描述不符"},
        "changed_mind": {"en": "Changed their mind", "zh-Hant": "改變心意"},
    },
    ReasonKind.REFUND: {
        "returned_goods": {"en": "Goods came back", "zh-Hant": "退貨退款"},
        "goodwill": {"en": "Goodwill", "zh-Hant": "善意補償"},
        "price_error": {"en": "Wrong price", "zh-Hant": "價格錯誤"},
    },
    ReasonKind.CANCELLATION: {
        "customer_request": {"en": "The customer asked for it", "zh-Hant": "客戶要求"},
        "out_of_stock": {"en": "Out of stock", "zh-Hant": "缺貨"},
        "entered_by_mistake": {"en": "Entered by mistake", "zh-Hant": "誤建"},
    },
    ReasonKind.DISQUALIFICATION: {
        "no_budget": {"en": "No budget", "zh-Hant": "沒有預算"},
        "no_need": {"en": "No need", "zh-Hant": "沒有需求"},
        "no_authority": {"en": "Has no say in it", "zh-Hant": "無決策權"},
        "not_our_market": {"en": "Not our market", "zh-Hant": "非目標市場"},
        "not_reachable": {"en": "Cannot be reached", "zh-Hant": "無法聯繫"},
        "duplicate": {"en": "There twice", "zh-Hant": "重複的潛在客戶"},
    },
    ReasonKind.CHURN: {
        "too_expensive": {"en": "Too expensive", "zh-Hant": "太貴"},
        "not_used": {"en": "Not used enough", "zh-Hant": "使用率低"},
        "missing_features": {"en": "Something is missing", "zh-Hant": "缺少需要的功能"},
        "competitor": {"en": "Went to a competitor", "zh-Hant": "選擇競爭對手"},
        "closed_down": {"en": "Closed down", "zh-Hant": "結束營業"},
        "unpaid": {"en": "Did not pay", "zh-Hant": "未付款"},
    },
}
