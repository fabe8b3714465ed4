"""The operator's reference lists: organisation, offers and tariff versions, staff, sales channels, names.

Small tables written down or drawn once; nothing here depends on a subscription.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from orchestration.sample_operator.plan import Plan

PROVINCES = {11000: "江东省公司", 12000: "云岭省公司", 13000: "海原省公司"}
CITIES = {
    11100: "东川市", 11200: "宁湖市", 11300: "青浦山市", 11400: "柳河市",
    12100: "昆岭市", 12200: "澜江市", 12300: "石林坪市", 12400: "丽谷市",
    13100: "海宁原市", 13200: "沙洲市", 13300: "盐港市", 13400: "㵘水市",
}
CITY_IDS = np.array(list(CITIES))
CITY_WEIGHTS = np.array([20, 12, 8, 5, 15, 9, 6, 4, 10, 6, 3, 2]) / 100
COUNTY_NAMES = ("城区分局", "东郊分局", "西郊分局")

PRICE_DIGITS = 6  # what the contract of offers takes; 0.4 x 0.75 has seventeen

# offer, name, family, rental fen, then (included, fen beyond it) of minutes, messages and megabytes
MOBILE_OFFERS = (
    ("M008", "8元保号套餐", "BASIC", 800, (0, 15.0), (0, 10.0), (100, 0.50)),
    ("M019", "19元畅聊套餐", "BASIC", 1900, (100, 14.0), (0, 10.0), (1024, 0.40)),
    ("M039", "39元畅聊套餐", "STANDARD", 3900, (250, 13.0), (50, 10.0), (4096, 0.35)),
    ("M059", "59元畅享套餐", "STANDARD", 5900, (450, 13.0), (100, 10.0), (8192, 0.30)),
    ("M099", "99元畅享套餐", "PREMIUM", 9900, (800, 12.0), (200, 10.0), (15360, 0.30)),
    ("M199", "199元尊享套餐", "PREMIUM", 19900, (1600, 12.0), (400, 10.0), (40960, 0.25)),
    ("M399", "399元尊享套餐", "PREMIUM", 39900, (3500, 10.0), (900, 8.0), (102400, 0.20)),
    ("M599", "599元至尊套餐", "PREMIUM", 59900, (6000, 10.0), (1500, 8.0), (204800, 0.20)),
    ("IOT5", "物联网5元套餐", "IOT", 500, (0, 19.0), (0, 10.0), (100, 0.50)),
    ("DS29", "29元数据卡套餐", "DATA_SIM", 2900, (0, 19.0), (0, 10.0), (20480, 0.30)),
)
BROADBAND_OFFERS = (
    ("B030", "百兆宽带", "FIXED", 3000), ("B050", "三百兆宽带", "FIXED", 5000), ("B100", "千兆宽带", "FIXED", 10000),
)
OFFER_IDS = [offer[0] for offer in (*MOBILE_OFFERS, *BROADBAND_OFFERS)]
COMPONENTS = ("VOICE", "SMS", "DATA")
UNITS = {"RENTAL": "month", "VOICE": "minute", "SMS": "message", "DATA": "mb", "BROADBAND": "month"}

SURNAMES = np.array([*"王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹", "欧阳", "司马", "𠮷", "㐂"])
GIVEN = np.array([*"伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红建文辉力鑫婷雪𡈽㵘䶮", "子涵", "浩然"])
ORG_WORDS = np.array(["恒通", "瑞丰", "华信", "中原", "东升", "新宇", "金桥", "长青", "远航", "㛃美"])


def org_rows(plan: Plan, day: int) -> pl.DataFrame:
    """The whole organisation as it stands on a day."""
    founded = date(2015, 1, 1)
    move = plan.reorganisation
    rows = [(10000, "总部", "HQ", None, "HQ", founded)]
    rows += [(i, name, "PROVINCE", 10000, "MANAGE", founded) for i, name in PROVINCES.items()]
    for city, name in CITIES.items():
        moved = move is not None and move.city_id == city and day >= move.day
        parent, since = (move.province_id, plan.date_of(move.day)) if moved else (city // 1000 * 1000, founded)
        rows.append((city, f"{name}分公司", "CITY", parent, "MANAGE", since))
        rows += [(city + 10 * (k + 1), f"{name}{county}", "COUNTY", city, "SALES", founded)
                 for k, county in enumerate(COUNTY_NAMES)]
    names = ["org_id", "org_name", "org_level_code", "parent_org_id", "org_type_code", "valid_from"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.lit("ACTIVE").alias("status_code"))


def tariff_rows(plan: Plan, day: int) -> pl.DataFrame:
    """Every tariff version known on a day: price changes up to that day close a version and open the next."""
    rows = []
    for offer in MOBILE_OFFERS:
        parts = [("RENTAL", (1, offer[3])), *zip(COMPONENTS, offer[4:], strict=True)]
        rows += _versions(plan, day, offer[:3], "MOBILE", parts)
    for offer in BROADBAND_OFFERS:
        rows += _versions(plan, day, offer[:3], "BROADBAND", [("BROADBAND", (1, offer[3]))])
    rows += _versions(plan, day, ("A010", "10元流量加油包", "ADDON"), "MOBILE", [("DATA", (2048, 0.0))])
    rows += _versions(plan, day, ("A005", "5元短信包", "ADDON"), "MOBILE", [("SMS", (100, 0.0))], retired=day > 0)
    if day == 0:  # withdrawn with the next list
        rows += _versions(plan, day, ("A003", "3元短信包", "ADDON"), "MOBILE", [("SMS", (50, 0.0))])
    names = ["offer_id", "component_code", "tariff_version", "offer_name", "offer_family_code", "service_code",
             "is_addon", "lifecycle_status_code", "unit_code", "unit_price_fen", "included_quantity", "valid_from",
             "valid_to"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def _versions(plan: Plan, day: int, offer: tuple, service: str, parts: list, *, retired: bool = False) -> list[tuple]:
    """A change of one component starts a new version of the whole offer, as a tariff sheet does."""
    days = sorted({c.day for c in plan.price_changes if c.offer_id == offer[0] and c.day <= day})
    starts = [date(2025, 1, 1), *(plan.date_of(d) for d in days)]
    rows = []
    for component, (included, price) in parts:
        for number, begins in enumerate(starts, start=1):
            ends = starts[number] if number < len(starts) else None
            rows.append((offer[0], component, f"V{number}", offer[1], offer[2], service, offer[2] == "ADDON",
                         "retired" if retired else "active", UNITS[component],
                         round(price * price_factor(plan, offer[0], component, begins), PRICE_DIGITS), float(included),
                         begins, ends))
    return rows


def price_factor(plan: Plan, offer_id: str, component: str, on: date) -> float:
    """Price of a component on a date, against its first one."""
    factor = 1.0
    for change in plan.price_changes:
        if (change.offer_id, change.component_code) == (offer_id, component) and plan.date_of(change.day) <= on:
            factor *= change.factor
    return factor


class Tariff:
    """Prices by offer position on one day: what the rating engine looks up."""

    def __init__(self, plan: Plan, day: int) -> None:
        on, ends = plan.date_of(day), pl.col("valid_to")
        rows = tariff_rows(plan, day).filter(pl.col("valid_from") <= on, ends.is_null() | (ends > on))
        self.price = {c: _by_offer(rows, c, "unit_price_fen") for c in (*COMPONENTS, "RENTAL", "BROADBAND")}
        self.included = {c: _by_offer(rows, c, "included_quantity") for c in COMPONENTS}
        latest = dict(rows.group_by("offer_id").agg(pl.col("tariff_version").first()).iter_rows())
        self.version = np.array([latest[offer] for offer in OFFER_IDS])


def _by_offer(rows: pl.DataFrame, component: str, column: str) -> np.ndarray:
    found = dict(rows.filter(pl.col("component_code") == component).select("offer_id", column).iter_rows())
    return np.array([found.get(offer, 0.0) for offer in OFFER_IDS])


def channel_rows(plan: Plan) -> pl.DataFrame:
    """Sales channels, the same few kinds in every city; one outlet closes during the sample."""
    kinds = [("OWN", "营业厅"), ("OWN", "旗舰店"), ("AGENT", "代理点"), ("AGENT", "合作店"), ("ONLINE", "网上营业厅"),
             ("PHONE", "电话渠道"), ("DIRECT", "客户经理"), ("DEVICE", "自助终端")]
    rows = []
    for city, name in CITIES.items():
        for k, (kind, label) in enumerate(kinds, start=1):
            dealer = f"D{city}{k}" if kind == "AGENT" else None
            closed = plan.date_of(20) if (city, k) == (13400, 4) else None
            rows.append((city * 100 + k, kind, f"{name}{label}", dealer, city, date(2016, 1 + k, 1), closed))
    names = ["channel_id", "channel_type_code", "name", "dealer_id", "org_id", "opened_on", "closed_on"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def staff_rows(plan: Plan, day: int) -> pl.DataFrame:
    """Staff on a day: a few leave and join when the second month begins; newcomers come and go later."""
    rng = plan.rng("staff")
    per_city = max(8, plan.subscribers // 1500)
    n = per_city * len(CITY_IDS)
    roles = np.array(["AGENT", "AGENT", "AGENT", "SALES", "SALES", "ENGINEER", "APPROVER", "MANAGER"])
    hired = np.where(rng.random(n) < 0.06, plan.month_days[min(1, plan.months - 1)], -rng.integers(100, 3000, n))
    left = np.where(rng.random(n) < 0.03, plan.month_days[min(1, plan.months - 1)], plan.days + 999)
    names = person_names(rng, n)
    role = np.tile(np.resize(roles, per_city), len(CITY_IDS))
    frame = pl.DataFrame({
        "staff_id": CITY_IDS.repeat(per_city) * 1000 + np.tile(np.arange(per_city), len(CITY_IDS)),
        "name_token": names, "phone_token": 13_700_000_000 + np.arange(n) * 6_131, "org_id": CITY_IDS.repeat(per_city),
        "role_code": np.where(_promoted(plan, role, day), "MANAGER", role),
        "hired_on": plan.dates(hired), "left_on": plan.dates(left, (left <= day) & (left > hired)), "hired": hired,
    })
    status = pl.when(pl.col("left_on").is_null()).then(pl.lit("ACTIVE")).otherwise(pl.lit("LEFT"))
    everyone = pl.concat([frame, _newcomers(plan, n, day)])
    return everyone.filter(pl.col("hired") <= day).with_columns(status.alias("status_code")).drop("hired")


def _newcomers(plan: Plan, known: int, day: int) -> pl.DataFrame:
    """An agent in every city who begins in the first month; four of them leave at each turn of a month from the third
    on. They take no calls: whoever does is there from the first day on."""
    n = len(CITY_IDS)
    turn = np.append(plan.month_days[2:plan.months], np.full(n, plan.days + 999))
    left = turn[np.arange(n) // 4]
    return pl.DataFrame({
        "staff_id": CITY_IDS * 1000 + 900, "name_token": person_names(plan.rng("newcomers"), n),
        "phone_token": 13_700_000_000 + (known + np.arange(n)) * 6_131, "org_id": CITY_IDS,
        "role_code": ["AGENT"] * n, "hired_on": plan.dates(np.full(n, 9)), "left_on": plan.dates(left, left <= day),
        "hired": np.full(n, 9)})


def _promoted(plan: Plan, role: np.ndarray, day: int) -> np.ndarray:
    """From the second month on one in five sellers is a manager, the first one at any rate."""
    sells = role == "SALES"
    chosen = (plan.rng("promotions").random(len(role)) < 0.2) | (np.arange(len(role)) == np.argmax(sells))
    return sells & chosen & (plan.months > 1) & (day >= plan.month_days[min(1, plan.months)])


def person_names(rng: np.random.Generator, n: int) -> pl.Series:
    """Names of one to four characters, a few of which need four bytes in GB18030."""
    weights = np.ones(len(SURNAMES))
    weights[-2:] = 0.1
    first = SURNAMES[rng.choice(len(SURNAMES), n, p=weights / weights.sum())]
    return pl.Series(first) + pl.Series(GIVEN[rng.integers(0, len(GIVEN), n)])


def org_customer_names(rng: np.random.Generator, cities: np.ndarray) -> pl.Series:
    """Names of organisations: city, word, number, form."""
    n = len(cities)
    town = pl.Series(np.array(list(CITIES.values()))[cities])
    return town + pl.Series(ORG_WORDS[rng.integers(0, len(ORG_WORDS), n)]) + pl.Series(
        rng.integers(1, 999, n)).cast(pl.String) + "号有限公司"


def change_days(plan: Plan) -> dict[str, list[int]]:
    """Days on which a full list of each reference feed is sent."""
    return {
        "org": sorted({0, *([plan.reorganisation.day] if plan.reorganisation else [])}),
        "staff": plan.month_days[:-1],
        "offer": sorted({0, *(change.day for change in plan.price_changes)}),
    }


