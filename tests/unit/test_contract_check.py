"""`bass contract check` names file, line and rule of what is wrong with a contract."""

from pathlib import Path

import pytest

from orchestration import contract_check
from orchestration.contract_check import check
from orchestration.contracts import ContractError

REPO = Path(__file__).resolve().parents[2]
SHIPPED = REPO / "data_contracts"

GOOD = """\
apiVersion: v3.1.0
kind: DataContract
id: billing__toll
name: toll
version: 1.0.0
status: active
domain: billing
team:
  name: billing-data-owner
servers:
  - server: landing
    type: custom
    format: delimited
    delimiter: "|"
    encoding: gb18030
    customProperties:
      - {property: filePattern, value: '^toll_(?P<period>\\d{8})_v(?P<version>\\d+)\\.csv$'}
      - {property: control, value: trailer}
      - {property: trailerMark, value: END}
      - {property: controlSums, value: [paid_fen]}
      - {property: timeZone, value: Asia/Shanghai}
slaProperties:
  - {property: frequency, value: day}
  - {property: latency, value: 1, unit: d}
schema:
  - name: toll
    businessName: 通行费
    physicalType: file
    description: One row per passage.
    customProperties:
      - {property: duplicatePolicy, value: first}
    quality:
      - {name: duplicates, metric: duplicateValues, unit: percent, mustBeLessOrEqualTo: 1, severity: warning}
    properties:
      - {name: passage_id, businessName: 流水号, description: Number., logicalType: string, primaryKey: true}
      - name: number_token
        businessName: 号码
        description: Number as a token.
        logicalType: string
        classification: personal
        customProperties: [{property: tokenDomain, value: msisdn}]
      - {name: passed_at, businessName: 时间, description: Time., logicalType: timestamp}
      - {name: booked_on, businessName: 日期, description: Day., logicalType: date}
      - name: paid_fen
        businessName: 金额
        description: Paid.
        logicalType: integer
        customProperties: [{property: unit, value: fen}]
      - name: kind_code
        physicalName: kind
        businessName: 类别
        description: Kind.
        logicalType: string
        quality:
          - {metric: invalidValues, arguments: {validValues: ["A", "B"]}, mustBe: 0}
"""

# what stands in the good contract, what an author writes by mistake, the rule that must be named
MISTAKES = [
    ("kind: DataContract", "kind: [DataContract", "yaml"),
    ("status: active", "status: active\nstatus: draft", "yaml"),
    ("version: 1.0.0\n", "", "odcs"),
    ("mustBeLessOrEqualTo: 1", "mustBeUnder: 1", "odcs"),
    ("metric: duplicateValues", "metric: repeatedValues", "odcs"),
    ("  - server: landing", "  - {server: other, type: custom}\n  - server: landing", "one_server_and_table"),
    ("id: billing__toll", "id: billing__tolls", "identity"),
    ("domain: billing\n", "", "identity"),
    ("  name: billing-data-owner", "  description: nobody", "owner"),
    ("  - {property: latency, value: 1, unit: d}\n", "", "delivery"),
    ("{property: latency, value: 1, unit: d}", "{property: latency, value: 1, unit: moon}", "delivery"),
    ("{property: latency, value: 1, unit: d}", "{property: latency, value: soon, unit: d}", "delivery"),
    ("format: delimited", "format: csv", "known_words"),
    ("control, value: trailer", "control, value: footer", "known_words"),
    ("duplicatePolicy, value: first", "duplicatePolicy, value: last", "known_words"),
    ("{property: timeZone, value", "{property: timezone, value", "known_words"),
    ("{property: control, value: trailer}", "{property: control, value: 7}", "known_words"),
    ("{property: timeZone, value: Asia/Shanghai}", "{property: header, value: maybe}", "known_words"),
    ("{property: timeZone, value: Asia/Shanghai}", "{property: delivery, value: all}", "known_words"),
    ("{property: timeZone, value: Asia/Shanghai}", "{property: timeZone, value: 8}", "known_words time_zone"),
    ("{property: controlSums, value: [paid_fen]}", "{property: controlSums, value: }", "known_words"),
    ("encoding: gb18030", "encoding: gb18031", "encoding"),
    ("Asia/Shanghai", "Asia/Nowhere", "time_zone"),
    ("{property: timeZone, value: Asia/Shanghai}", "{property: dateFormat, value: yyyymmdd}", "time_zone"),
    ("      - {property: filePattern", "      - {property: fileName", "file_names known_words"),
    ("(?P<period>", "(?P<day>", "file_names"),
    ("_v(?P<version>", "_v(", "file_names"),
    ("_v(?P<version>\\d+)", "_v(?P<version>\\d+", "file_names"),
    ("'^toll_", "'toll_", "file_names"),
    ("control, value: trailer", "control, value: verf", "file_names"),
    ('    delimiter: "|"\n', "", "layout"),
    ("format: delimited", "format: fixed_width", "layout control_totals"),
    ("{name: booked_on,", "{name: booked_on, physicalName: kind,", "layout"),
    ("      - {property: trailerMark, value: END}\n", "", "control_totals"),
    ("controlSums, value: [paid_fen]", "controlSums, value: [paid_amt]", "control_totals"),
    ("controlSums, value: [paid_fen]", "controlSums, value: [kind_code]", "control_totals"),
    (", primaryKey: true", "", "record_key"),
    ("    businessName: 通行费\n", "    businessName: toll\n", "texts"),
    ("        description: Paid.\n", "", "texts"),
    ("name: passage_id,", "name: passageId,", "column_names"),
    ("name: passage_id,", "name: kind_code,", "column_names"),
    ("{name: passed_at", "{name: passage_time", "column_names"),
    ("{name: booked_on", "{name: booked_date", "column_names"),
    ("logicalType: timestamp}", "physicalType: timestamp}", "odcs"),
    ("logicalType: date}", "logicalType: date, physicalType: bigint}", "column_types"),
    ("logicalType: integer\n", "logicalType: integer\n        logicalTypeOptions: {minimum: 2, maximum: 1}\n",
     "column_types"),
    ("{property: unit, value: fen}", "{property: unit, value: yuan}", "units"),
    ("        customProperties: [{property: unit, value: fen}]\n", "", "units"),
    ("      - name: number_token", "      - name: number", "personal_data"),
    ("        customProperties: [{property: tokenDomain, value: msisdn}]\n", "", "personal_data"),
    ("        classification: personal\n", "", "personal_data"),
    ("severity: warning", "severity: loud", "quality_limits"),
    ("unit: percent, mustBe", "unit: promille, mustBe", "quality_limits"),
    ('validValues: ["A", "B"]', "validValues: [1, no]", "code_lists"),
    ('validValues: ["A", "B"]', "validValues: []", "code_lists"),
]


def write(folder: Path, text: str, name: str = "toll.odcs.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.requirement("STD13")
def test_every_shipped_contract_keeps_every_rule():
    assert check(SHIPPED) == []


def test_the_good_contract_has_no_finding(tmp_path):
    assert check(write(tmp_path, GOOD)) == []


@pytest.mark.parametrize(("good", "bad", "rule"), MISTAKES, ids=[f"{m[2]}-{i}" for i, m in enumerate(MISTAKES)])
def test_a_mistake_is_named_with_its_rule_and_nothing_else_is(tmp_path, good, bad, rule):
    assert GOOD.count(good) == 1, f"the edit must be unambiguous: {good!r}"
    findings = check(write(tmp_path, GOOD.replace(good, bad)))
    assert {finding.rule for finding in findings} == set(rule.split()), [str(finding) for finding in findings]


@pytest.mark.parametrize(("good", "bad", "rule"), [
    ("encoding: gb18030", "encoding: gb18031", "encoding"),
    ("controlSums, value: [paid_fen]", "controlSums, value: [paid_amt]", "control_totals"),
    ("{name: passed_at", "{name: passage_time", "column_names"),
    ("{property: unit, value: fen}", "{property: unit, value: yuan}", "units"),
    ('validValues: ["A", "B"]', "validValues: [1, no]", "code_lists"),
    ("metric: duplicateValues", "metric: repeatedValues", "odcs"),
    ("status: active", "status: active\nstatus: draft", "yaml"),
])
def test_a_finding_points_to_the_line_of_the_mistake(tmp_path, good, bad, rule):
    text = GOOD.replace(good, bad)
    (finding,) = check(write(tmp_path, text))
    changed = text[: text.index(bad) + len(bad)].count("\n") + 1
    assert (finding.rule, finding.line) == (rule, changed)
    assert str(finding).startswith(f"{finding.path}:{finding.line}: {rule}: ")


def test_a_file_that_is_not_yaml_or_not_utf8_is_one_finding(tmp_path):
    broken = write(tmp_path, "a: [1, 2\nb: 3\n", "a.odcs.yaml")
    foreign = tmp_path / "b.odcs.yaml"
    foreign.write_bytes(b"id: x\nname: \xd6\xd0\n")
    listing = write(tmp_path, "- 1\n", "c.odcs.yaml")
    assert [(f.path, f.line, f.rule) for f in check(tmp_path)] == [
        (broken, 2, "yaml"), (foreign, 2, "yaml"), (listing, 1, "yaml")]


def test_two_contracts_of_one_id_are_named(tmp_path):
    write(tmp_path, GOOD)
    other = write(tmp_path, GOOD.replace("^toll_", "^other_"), "twin.odcs.yaml")
    assert [(f.path, f.rule) for f in check(tmp_path)] == [(other, "unique_id")]


def test_two_contracts_that_claim_one_file_name_are_named(tmp_path):
    write(tmp_path, GOOD)
    twin = GOOD.replace("billing__toll", "billing__tool").replace("- name: toll\n", "- name: tool\n")
    other = write(tmp_path, twin.replace("^toll_(?P<period>\\d{8})", "^to[lo]l_(?P<period>\\d{6}(\\d{2})?)"),
                  "tool.odcs.yaml")
    assert [(f.path, f.rule) for f in check(tmp_path)] == [(other, "one_contract_per_file")]
    write(tmp_path, twin.replace("^toll_", "^tool_"), "tool.odcs.yaml")
    assert check(tmp_path) == []


def test_every_shipped_pattern_yields_names_that_it_matches():
    for source in map(contract_check._read, contract_check._paths(SHIPPED)):
        document = contract_check.contract_rules.Document(source.data)
        for option in ("filePattern", "controlPattern"):
            if pattern := document.value(option):
                names = contract_check.sample_names(pattern)
                assert names and all(contract_check.re.match(pattern, name) for name in names), pattern


def test_an_empty_or_missing_folder_is_refused_in_one_line(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(ContractError) as refusal:
            check(folder)
        assert "\n" not in str(refusal.value) and str(folder) in str(refusal.value)
