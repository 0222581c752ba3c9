"""Words of which names and addresses in Taiwan are made, with how common they are."""

from __future__ import annotations

from typing import Final, NamedTuple

SURNAMES: Final[dict[str, float]] = {
    name: float(share)
    for name, share in (
        pair.split(":")
        for pair in (
            "陳:11.1 林:8.3 黃:6.0 張:5.3 李:5.1 王:4.1 吳:4.0 劉:3.2 蔡:2.9 楊:2.7 許:2.3 鄭:1.9 "
            "謝:1.8 郭:1.5 洪:1.5 曾:1.5 邱:1.5 廖:1.4 賴:1.3 徐:1.3 周:1.2 葉:1.2 蘇:1.1 莊:1.0 "
            "呂:0.9 江:0.9 何:0.9 蕭:0.8 羅:0.8 高:0.8 潘:0.7 簡:0.7 朱:0.7 鍾:0.7 彭:0.6 游:0.6 "
            "詹:0.6 胡:0.6 施:0.6 沈:0.6 余:0.6 盧:0.5 梁:0.5 趙:0.5 顏:0.5 柯:0.5 翁:0.5 魏:0.4 "
            "孫:0.4 戴:0.4 范:0.4 方:0.3 宋:0.3 鄧:0.3 杜:0.2 侯:0.2 薛:0.2 傅:0.2 丁:0.2 曹:0.2 "
            "歐陽:0.1 張簡:0.1 司馬:0.02"
        ).split()
    )
}
"""Family names and their share of the population in per cent, rounded; two-character ones, too."""

SPELLINGS: Final[dict[str, str]] = dict(
    pair.split(":")
    for pair in (
        "陳:chen 林:lin 黃:huang 張:chang 李:lee 王:wang 吳:wu 劉:liu 蔡:tsai 楊:yang 許:hsu 鄭:cheng "
        "謝:hsieh 郭:kuo 洪:hung 曾:tseng 邱:chiu 廖:liao 賴:lai 徐:hsu 周:chou 葉:yeh 蘇:su 莊:chuang"
    ).split()
)
"""How the most common family names are written in e-mail addresses."""

FEMALE: Final = (
    "淑芬 淑惠 美玲 雅婷 怡君 雅雯 佳穎 欣怡 詩涵 宜蓁 郁婷 靜宜 淑娟 秀英 麗華 惠如 佩珊 思妤 品妤 子晴 "
    "語彤 芷瑄 婉婷 筱涵 心怡 珮瑜 佳蓉 曉雯 千慧 玉珍 美惠 素貞 雅惠 芳瑜 羽彤 采潔"
).split()
MALE: Final = (
    "志明 俊傑 建宏 家豪 志偉 冠宇 宗翰 承恩 柏翰 彥廷 俊宏 文雄 明哲 信宏 嘉偉 宇軒 冠廷 柏宇 品睿 宥廷 "
    "志豪 建志 明輝 金龍 國華 正雄 哲瑋 育誠 子翔 浩然 小明 承翰 威廷 銘傑 書豪 鈞翔"
).split()
FIRST_CHARACTERS: Final = "佳怡雅家宜思子品宥承柏冠彥俊明志建文國淑美秀玉惠芷語心詩靜安永孟世欣"
SECOND_CHARACTERS: Final = "婷君涵穎雯芳玲娟惠芬瑜妤彤晴蓁恩翰廷宇軒豪傑宏偉哲銘祥龍輝華德仁安勳毅"


class District(NamedTuple):
    """A district of a county or city, with its three-digit postal code; # is any digit."""

    county: str
    name: str
    postal_code: str
    landline: str
    weight: float


def _districts(county: str, landline: str, million: float, listed: str) -> list[District]:
    pairs = [entry.split(":") for entry in listed.split()]
    weight = million / len(pairs)
    return [District(county, name, code, landline, weight) for name, code in pairs]


DISTRICTS: Final[list[District]] = [
    *_districts(
        "新北市",
        "(02)2#######",
        4.0,
        "板橋區:220 三重區:241 中和區:235 永和區:234 新莊區:242 新店區:231 土城區:236 蘆洲區:247 汐止區:221 淡水區:251",
    ),
    *_districts(
        "臺北市",
        "(02)2#######",
        2.5,
        "中正區:100 大同區:103 中山區:104 松山區:105 大安區:106 萬華區:108 信義區:110 士林區:111 北投區:112 內湖區:114 南港區:115 文山區:116",
    ),
    *_districts(
        "桃園市",
        "(03)3######",
        2.3,
        "桃園區:330 中壢區:320 平鎮區:324 八德區:334 龜山區:333 蘆竹區:338",
    ),
    *_districts(
        "臺中市",
        "(04)2#######",
        2.8,
        "中區:400 西區:403 北區:404 西屯區:407 南屯區:408 北屯區:406 豐原區:420 大里區:412 太平區:411",
    ),
    *_districts(
        "臺南市",
        "(06)2######",
        1.9,
        "中西區:700 東區:701 南區:702 北區:704 安平區:708 永康區:710 新營區:730",
    ),
    *_districts(
        "高雄市",
        "(07)3######",
        2.7,
        "新興區:800 苓雅區:802 鼓山區:804 前鎮區:806 三民區:807 楠梓區:811 左營區:813 鳳山區:830",
    ),
    *_districts("基隆市", "(02)24######", 0.36, "仁愛區:200 信義區:201 中正區:202 安樂區:204"),
    *_districts("新竹市", "(03)5######", 0.45, "東區:300 北區:300 香山區:300"),
    *_districts("新竹縣", "(03)5######", 0.58, "竹北市:302 竹東鎮:310 新豐鄉:304"),
    *_districts("彰化縣", "(04)7######", 1.2, "彰化市:500 員林市:510 鹿港鎮:505 和美鎮:508"),
    *_districts("雲林縣", "(05)5######", 0.66, "斗六市:640 虎尾鎮:632 北港鎮:651"),
    *_districts("嘉義市", "(05)2######", 0.26, "東區:600 西區:600"),
    *_districts("屏東縣", "(08)7######", 0.8, "屏東市:900 潮州鎮:920 東港鎮:928"),
    *_districts("宜蘭縣", "(03)9######", 0.45, "宜蘭市:260 羅東鎮:265 頭城鎮:261"),
    *_districts("花蓮縣", "(03)8######", 0.32, "花蓮市:970 吉安鄉:973"),
    *_districts("臺東縣", "(089)3#####", 0.21, "臺東市:950"),
]
"""Where people live, weighed by the inhabitants of each county in millions; not every district."""

ROADS: Final[dict[str, int]] = {
    name: int(weight)
    for name, weight in (
        pair.split(":")
        for pair in (
            "中正路:10 中山路:10 民生路:7 民族路:6 民權路:6 中華路:6 和平路:5 仁愛路:5 信義路:4 "
            "忠孝路:4 復興路:5 光復路:5 建國路:4 文化路:5 三民路:5 自由路:3 成功路:4 博愛路:3 大同路:4 "
            "新生路:3 四維路:3 五權路:2 公園路:3 學府路:2 林森路:3 長安街:2 永安街:2 福德街:1 重慶路:2"
        ).split()
    )
}
SECTIONS: Final = ("", "", "", "一段", "二段", "三段", "四段", "五段")
EMAIL_HOSTS: Final[dict[str, int]] = {
    "gmail.com": 62,
    "yahoo.com.tw": 22,
    "hotmail.com": 8,
    "outlook.com": 5,
    "icloud.com": 3,
}
