"""The site's own words, in English and in Traditional Chinese, and which of the two a reader wants."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Request

DEFAULT_LANGUAGE = "en"
LANGUAGES: Mapping[str, str] = {"en": "English", "zh-Hant": "繁體中文"}
COOKIE = "lang"

_CHINESE = ("zh-hant", "zh-tw", "zh-hk", "zh-mo", "zh")

_ENGLISH: dict[str, str] = {
    "documentation": "Documentation",
    "skip": "Skip to content",
    "menu": "Menu",
    "overview": "Overview",
    "api_reference": "API reference",
    "all_services": "All services",
    "services": "Services",
    "guides": "Guides",
    "problems": "Errors",
    "theme": "Switch between light and dark",
    "language": "Language",
    "home_lead": "One customer platform of small services: one address, one way to sign in, one API.",
    "home_reference": "Every operation of every service. Read it, or try it out with your own token.",
    "home_problems": "What each error means, and what to do about it.",
    "home_guides": "Step by step, from the first token to a finished integration.",
    "download": "OpenAPI 3.1 document",
    "download_one": "OpenAPI document of this service",
    "operations": "Operations",
    "operation_count": "{n} operations",
    "operation_count_one": "1 operation",
    "method": "Method",
    "path": "Path",
    "summary": "What it does",
    "permission": "Permission",
    "permission_public": "open to all",
    "permission_signed_in": "any token",
    "version": "Version",
    "state_current": "up to date",
    "state_stale": "The service does not answer at the moment. This is what it last said.",
    "state_missing": "The service has not answered since the portal started.",
    "badge_current": "available",
    "badge_stale": "not answering",
    "badge_missing": "not seen yet",
    "clash": "The services' documents contradict each other, so the merged document is not renewed:",
    "filter": "Filter",
    "nothing_found": "Nothing matches.",
    "problems_lead": "Every error answer is a problem document (RFC 9457). Programs look at its code; "
    "people read its detail; its trace_id leads support to the request.",
    "problems_429": "One exception: an answer 429 in plain text comes from the gateway, which limits "
    "how often one address may call. It carries Retry-After like the others.",
    "code": "Code",
    "status": "Status",
    "meaning": "Meaning",
    "answered_by": "Answered by",
    "mail": "Mail",
    "mail_lead": "What this platform has sent by e-mail. Nothing of it left this machine. Addresses at "
    "refused.example are refused, those at later.example put off, to see what follows.",
    "mail_none": "No mail has been sent yet.",
    "mail_search": "Sender, recipient or subject",
    "mail_when": "When (UTC)",
    "mail_from": "From",
    "mail_to": "To",
    "mail_subject": "Subject",
    "mail_text": "Text",
    "mail_attachments": "Attachments",
    "mail_headers": "Headers",
    "mail_source": "Source",
    "no_guides": "No guides are installed here.",
    "not_found": "Nothing is here",
    "not_found_lead": "The page does not exist, or it has moved. These are the ways on:",
    "no_script": "The API reference needs JavaScript. The operations are listed on the services' "
    "pages too, without it.",
    "reference_loading": "Loading the API reference…",
    "reference_failed": "The OpenAPI document could not be loaded.",
    "gateway": "Gateway",
    "facts": "Facts",
    "home_facts": "What services tell each other and external apps when something has happened, with every field.",
    "facts_lead": "What has happened, said once by the service that owns it. Services hear of it over the bus, external apps by webhooks and the event feed.",
    "facts_delivery": "A fact arrives at least once; one with an id that was seen before is the same fact again. Facts about one aggregate are published in their order; aggregate-version tells which is later.",
    "download_facts": "AsyncAPI 3 document",
    "fact": "Fact",
    "fact_count": "{n} messages",
    "fact_count_one": "1 message",
    "request": "request",
    "subject": "Subject and type",
    "published_by": "Published by",
    "aggregate": "Aggregate",
    "permission_to_be_told": "what an app needs, with reach over all records, to be told of it",
    "timeline": "On the person’s timeline as",
    "fields": "Fields",
    "field": "Field",
    "type": "Type",
    "value": "Value",
    "repeated": "list",
    "map": "map",
    "optional": "optional",
    "one_of": "one of",
    "example": "Example",
    "example_lead": "On the bus the content is protobuf; this is its JSON form.",
    "headers": "Headers",
    "header": "Header",
    "headers_lead": "The envelope of every fact: attributes of CloudEvents and the platform’s own. The values are text.",
    "powered": "API reference drawn by Swagger UI (Apache-2.0).",
}

_TRADITIONAL_CHINESE: dict[str, str] = {
    "documentation": "說明文件",
    "skip": "跳至內容",
    "menu": "選單",
    "overview": "總覽",
    "api_reference": "API 參考",
    "all_services": "所有服務",
    "services": "服務",
    "guides": "指南",
    "problems": "錯誤",
    "theme": "切換淺色與深色",
    "language": "語言",
    "home_lead": "由小型服務組成的客戶平台：一個位址、一種登入方式、一套 API。",
    "home_reference": "每個服務的每項操作。可以閱讀，也可以用自己的權杖試用。",
    "home_problems": "每種錯誤的意義，以及處理方式。",
    "home_guides": "從取得第一個權杖到完成整合，逐步說明。",
    "download": "OpenAPI 3.1 文件",
    "download_one": "此服務的 OpenAPI 文件",
    "operations": "操作",
    "operation_count": "{n} 項操作",
    "operation_count_one": "1 項操作",
    "method": "方法",
    "path": "路徑",
    "summary": "用途",
    "permission": "權限",
    "permission_public": "公開",
    "permission_signed_in": "任何權杖",
    "version": "版本",
    "state_current": "最新",
    "state_stale": "此服務目前沒有回應，以下是它上次提供的內容。",
    "state_missing": "自入口網站啟動以來，此服務尚未回應。",
    "badge_current": "可用",
    "badge_stale": "無回應",
    "badge_missing": "尚未出現",
    "clash": "各服務的文件互相矛盾，因此合併文件暫不更新：",
    "filter": "篩選",
    "nothing_found": "沒有符合的項目。",
    "problems_lead": "每個錯誤回應都是問題文件（RFC 9457）。程式看 code，人讀 detail，"
    "支援人員用 trace_id 找到該次請求。",
    "problems_429": "唯一的例外：純文字的 429 回應來自閘道，它限制單一位址的呼叫頻率，"
    "同樣附有 Retry-After。",
    "code": "代碼",
    "status": "狀態",
    "meaning": "意義",
    "answered_by": "由誰回應",
    "mail": "郵件",
    "mail_lead": "此平台寄出的電子郵件，都留在這台機器上，沒有真正寄出。寄到 refused.example 的會被拒收，"
    "寄到 later.example 的會被延後，方便您觀察後續情形。",
    "mail_none": "尚未寄出任何郵件。",
    "mail_search": "寄件人、收件人或主旨",
    "mail_when": "時間（UTC）",
    "mail_from": "寄件人",
    "mail_to": "收件人",
    "mail_subject": "主旨",
    "mail_text": "純文字",
    "mail_attachments": "附件",
    "mail_headers": "標頭",
    "mail_source": "原始內容",
    "no_guides": "這裡沒有安裝指南。",
    "not_found": "這裡沒有內容",
    "not_found_lead": "頁面不存在或已移動。您可以前往：",
    "no_script": "API 參考需要 JavaScript。不使用 JavaScript 時，各服務的頁面也列有所有操作。",
    "reference_loading": "正在載入 API 參考…",
    "reference_failed": "無法載入 OpenAPI 文件。",
    "gateway": "閘道",
    "facts": "事實",
    "home_facts": "事情發生時，各服務彼此告知並通知外部應用程式的內容，欄位一應俱全。",
    "facts_lead": "已經發生的事，由擁有該資料的服務說一次。其他服務透過訊息匯流排得知，外部應用程式則透過 webhook 與事件摘要得知。",
    "facts_delivery": "每個事實至少送達一次；識別碼曾出現過的，就是同一個事實。同一個聚合的事實依序發布，先後以 aggregate-version 判斷。",
    "download_facts": "AsyncAPI 3 文件",
    "fact": "事實",
    "fact_count": "{n} 種訊息",
    "fact_count_one": "1 種訊息",
    "request": "請求",
    "subject": "主題與類型",
    "published_by": "發布者",
    "aggregate": "聚合",
    "permission_to_be_told": "應用程式須有此權限，且範圍為全部資料，才會收到通知",
    "timeline": "在個人時間軸上顯示為",
    "fields": "欄位",
    "field": "欄位",
    "type": "型別",
    "value": "值",
    "repeated": "清單",
    "map": "對照表",
    "optional": "選填",
    "one_of": "擇一",
    "example": "範例",
    "example_lead": "匯流排上的內容是 protobuf；以下是它的 JSON 形式。",
    "headers": "標頭",
    "header": "標頭",
    "headers_lead": "每個事實的信封：CloudEvents 的屬性與平台自己的屬性，值皆為文字。",
    "powered": "API 參考由 Swagger UI（Apache-2.0）繪製。",
}

_TEXTS: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "zh-Hant": _TRADITIONAL_CHINESE}


def texts_for(language: str) -> Mapping[str, str]:
    """The words of a language that is in `LANGUAGES`."""
    return _TEXTS[language]


def wanted_language(request: Request) -> str:
    """What the reader chose, or else what the browser asks for."""
    for chosen in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if chosen is not None and chosen in LANGUAGES:
            return chosen
    for tag in request.accept_languages.values():
        lowered = tag.lower()
        if lowered.startswith("en"):
            return "en"
        if lowered in _CHINESE or lowered.startswith("zh-hant"):
            return "zh-Hant"
    return DEFAULT_LANGUAGE
