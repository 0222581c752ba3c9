"""What columns are called in exports of common programs and in files that people make, in English and Chinese."""

# Keys are headers as `header_key` folds them: small letters, words parted by one blank, no numbers.
FIELDS_BY_HEADER: dict[str, str] = {
    header: field
    for field, headers in {
        "given_name": "first name, given name, firstname, forename, fname, first, given, christian name, 名, 名字, 名稱(名)",
        "family_name": "last name, family name, lastname, surname, lname, last, family, 姓, 姓氏",
        "full_name": (
            "name, full name, fullname, display name, contact name, person, customer name, file as, contact, person name,"
            " 姓名, 全名, 名稱, 客戶姓名, 聯絡人, 聯絡人姓名, 會員姓名, 顧客姓名, 客戶名稱, 收件人"
        ),
        "emails": (
            "email, e mail, mail, email address, e mail address, emails, e mail value, email value, work email,"
            " home email, personal email, business email, primary email, secondary email, other email, contact email,"
            " 電子郵件, 電郵, 信箱, 電子信箱, 郵箱, 電子郵件地址, 電子郵件信箱, 邮箱, 公司信箱"
        ),
        "phones": (
            "phone, phone number, telephone, tel, mobile, mobile phone, mobile number, cell, cell phone, phone value,"
            " business phone, work phone, home phone, other phone, primary phone, company main phone, phones, car phone,"
            " mobile phone number, asst phone, assistant s phone, assistant phone, contact number,"
            " 電話, 手機, 行動電話, 手機號碼, 電話號碼, 聯絡電話, 公司電話, 住家電話, 市話, 家用電話, 手机, 电话, 連絡電話"
        ),
        "line_ids": "line, line id, lineid, line 帳號",
        "social_handles": "instagram, facebook, twitter, linkedin, wechat, whatsapp, telegram, twitter handle, wechat id, 微信",
        "company_name": (
            "company, company name, organization, organisation, organization name, organisation name, account, account name,"
            " employer, associated company, primary associated company, 公司, 公司名稱, 服務單位, 任職公司, 企業名稱,"
            " 公司抬頭, 單位, 机构"
        ),
        "job_title": (
            "title, job title, position, role, occupation, organization title, jobtitle,"
            " 職稱, 職務, 職位, 頭銜, 职位"
        ),
        "birthday": "birthday, birth date, birthdate, date of birth, dob, born, 生日, 出生日期, 出生年月日, 生辰",
        "street": (
            "street, street address, address, address line, mailing street, business street, home street, other street,"
            " address street, street number, billing street, address formatted, mailing address, home address,"
            " business address, work address, shipping street, po box, address po box, address extended address,"
            " 地址, 通訊地址, 住址, 聯絡地址, 街道, 詳細地址, 戶籍地址, 收件地址, 公司地址"
        ),
        "city": (
            "city, town, suburb, locality, mailing city, business city, home city, other city, address city, district,"
            " billing city, 鄉鎮市區, 區, 行政區, 鄉鎮"
        ),
        "region": (
            "state, region, province, county, state region, mailing state, business state, home state, other state,"
            " address region, state province, mailing state province, billing state, 縣市, 城市, 州, 省, 省份"
        ),
        "postal_code": (
            "postal code, zip, zip code, postcode, zip postal code, mailing zip postal code, mailing postal code,"
            " business postal code, home postal code, other postal code, address postal code, post code, billing zip,"
            " 郵遞區號, 郵政編碼, 邮编, 區號"
        ),
        "country": (
            "country, country region, mailing country, business country region, home country region,"
            " other country region, address country, country code, business country, home country, billing country,"
            " 國家, 國別, 國家地區, 国家"
        ),
        "language": "language, preferred language, locale, lang, 語言, 語系, 慣用語言",
        "time_zone": "time zone, timezone, 時區",
        "tags": (
            "tags, tag, labels, label, categories, category, group membership, groups, keywords, segment,"
            " 標籤, 類別, 分類, 群組, 分群"
        ),
        "source": (
            "source, lead source, original source, origin, referral source, original traffic source, channel,"
            " 來源, 客戶來源, 名單來源, 管道"
        ),
        "lifecycle_stage": "lifecycle stage, lifecycle, stage, contact status, lead status, 生命週期, 階段, 客戶狀態",
        "ignore": (
            "salutation, middle name, suffix, prefix, name prefix, name suffix, photo, sensitivity, priority, initials, gender title,"
            " create date, created date, last modified date, last activity date, owner id, contact owner, nickname type,"
            " e mail type, e mail display name, e mail label, phone type, phone label, address type, address label,"
            " organization type, mileage, 序號, 編號(流水)"
        ),
    }.items()
    for header in (part.strip() for part in headers.split(","))
}

# Columns that hold the record's key in the program that it comes from.
ID_HEADERS = frozenset(
    part.strip()
    for part in (
        "id, contact id, record id, customer id, person id, user id, member id, rec id, external id, lead id, client id,"
        " customer number, customer no, member number, member no, account number, hubspot id, salesforce id,"
        " 客戶編號, 會員編號, 會員號碼, 客戶代號, 編號, 代號, 顧客編號, 會員代號"
    ).split(",")
)

# Headers that give a program's exports away; two of a kind are enough.
PROGRAMS: dict[str, frozenset[str]] = {
    "hubspot": frozenset(
        {
            "record id",
            "lifecycle stage",
            "contact owner",
            "original source",
            "create date",
            "associated company",
        }
    ),
    "salesforce": frozenset(
        {
            "contact id",
            "mailing street",
            "mailing city",
            "lead source",
            "account name",
            "mailing state province",
            "account id",
            "mailing postal code",
        }
    ),
    "google": frozenset(
        {
            "e mail value",
            "phone value",
            "group membership",
            "file as",
            "organization name",
            "labels",
            "name prefix",
            "phonetic first name",
        }
    ),
    "outlook": frozenset(
        {
            "e mail display name",
            "business phone",
            "business street",
            "home street",
            "company main phone",
            "sensitivity",
            "business country region",
        }
    ),
}

LABELS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("mobile", ("mobile", "cell", "手機", "行動", "手机")),
    ("home", ("home", "personal", "住家", "家用", "戶籍")),
    ("work", ("work", "business", "office", "company", "公司", "辦公")),
    ("other", ("other", "其他")),
)

# Parts of headers that say enough by themselves, the most telling first.
TELLING_WORDS: tuple[tuple[str, str], ...] = (
    ("e mail", "emails"),
    ("email", "emails"),
    ("郵件", "emails"),
    ("信箱", "emails"),
    ("birth", "birthday"),
    ("生日", "birthday"),
    ("手機", "phones"),
    ("mobile", "phones"),
    ("phone", "phones"),
    ("電話", "phones"),
    ("zip", "postal_code"),
    ("postal", "postal_code"),
    ("postcode", "postal_code"),
    ("郵遞區號", "postal_code"),
    ("street", "street"),
    ("地址", "street"),
    ("country", "country"),
    ("國家", "country"),
    ("first name", "given_name"),
    ("given name", "given_name"),
    ("last name", "family_name"),
    ("family name", "family_name"),
    ("surname", "family_name"),
    ("姓名", "full_name"),
    ("公司", "company_name"),
    ("company", "company_name"),
    ("organization", "company_name"),
    ("職稱", "job_title"),
    ("job title", "job_title"),
    ("標籤", "tags"),
    ("lead source", "source"),
    ("來源", "source"),
    ("city", "city"),
    ("縣市", "region"),
    ("province", "region"),
    ("language", "language"),
)
