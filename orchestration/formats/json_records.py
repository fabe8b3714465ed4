"""JSON records: one per line, or elements of an array, or one object that is the whole file.

DuckDB takes the records apart, a block at a time, with one SQL text made from the contract. `source` of a
column is a path: `a.b`, `a.list[0].x`, `relatedParty[role=customer].id` (the first element whose field equals);
whole arrays and objects come as JSON text. The option `recordPath` names records inside a document
(`*.value`, `tickets`); arrays found there are opened.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.contracts import Contract
from orchestration.formats import decoding, json_text
from orchestration.formats.reading import FormatError, Reading, make_batch, spread

STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
NOWHERE = '$."="'  # lists of paths must not be empty; no field of a contract can have this name
CHOICE = re.compile(r"([^=]*)\[([^=\]]+)=([^\]]*)\](.*)")


def read(path: Path, contract: Contract, reading: Reading) -> Iterator[pa.RecordBatch]:
    blocks = _lines(path, contract) if contract.format == "json_lines" else _elements(path, contract)
    known = [pattern for column in contract.columns for pattern in _patterns(column.source)]
    shapes: dict[str, list[str]] = {}
    with duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False}) as connection:
        if record_path := contract.options.get("recordPath"):
            blocks = _nested(connection, blocks, record_path)
        for numbers, records in blocks:
            try:
                batch, counts = _batch(connection, contract, numbers, records)
            except duckdb.Error as error:
                raise FormatError("json_damaged", f"{path.name}: {error}") from error
            reading.unknown_paths.update(_unknown(counts, known, shapes))
            yield batch


def _lines(path: Path, contract: Contract) -> Iterator[tuple[np.ndarray, pa.StringArray]]:
    codec = decoding.codec_of(contract.encoding)
    for block in decoding.line_blocks(path, contract):
        lines = decoding.split_lines(decoding.to_utf8(decoding.with_plain_line_ends(block.data), codec))
        has_text = pc.not_equal(pc.utf8_trim(lines, json_text.SPACE), "")
        yield np.flatnonzero(has_text) + block.first_line, lines.filter(has_text)


def _elements(path: Path, contract: Contract) -> Iterator[tuple[np.ndarray, pa.StringArray]]:
    count = 0
    for records in json_text.split_records(decoding.utf8_chunks(path, contract), path.name):
        if len(records):
            yield np.arange(len(records)) + count + 1, records
        count += len(records)


def _nested(connection: duckdb.DuckDBPyConnection, blocks: Iterable[tuple[np.ndarray, pa.StringArray]],
            record_path: str) -> Iterator[tuple[np.ndarray, pa.StringArray]]:
    """The records inside documents. A document that is not JSON stays one record, to be rejected as such."""
    count = 0
    for _, documents in blocks:
        is_good, _ = _judge(connection, documents)
        marked = json_text.mark_numbers(_on_one_line(documents.filter(pa.array(is_good))))
        connection.register("documents", pa.table({"document": marked}))
        found = connection.execute(f"""
            with found as (
                select unnest({_found(record_path)}) as item from documents
            )
            select unnest(case when json_type(item) = 'ARRAY' then json_extract(item, '$[*]') else [item] end)::varchar
            from found
            where item is not null
        """).to_arrow_table().column(0).combine_chunks()
        records = pa.concat_arrays([json_text.unmark_numbers(found), documents.filter(pa.array(~is_good))])
        if len(records):
            yield np.arange(len(records)) + count + 1, records
        count += len(records)


def _found(record_path: str) -> str:
    """SQL for the list of what stands at a path; `*` is every value of an object."""
    steps = record_path.split(".")
    path = "$" + "".join(".*" if step == "*" else f'."{step}"' for step in steps)
    extract = f"json_extract(document, {_text(path)})"
    return extract if "*" in steps else f"[{extract}]"


def _batch(connection: duckdb.DuckDBPyConnection, contract: Contract, numbers: np.ndarray,
           records: pa.StringArray) -> tuple[pa.RecordBatch, list[tuple[str, int]]]:
    """One block as a batch, and how many records have which shape."""
    is_good, errors = _judge(connection, records)
    marked = json_text.mark_numbers(_on_one_line(records.filter(pa.array(is_good))))
    connection.register("records", pa.table({"place": np.arange(len(marked)), "record": marked}))
    table = connection.execute(_query([column.source for column in contract.columns])).to_arrow_table()
    columns = [spread(json_text.unmark_numbers(column.combine_chunks()), is_good) for column in table.columns]
    counts = connection.execute("select json_structure(record)::varchar, count(*) from records group by all").fetchall()
    raw = decoding.show_bad_bytes(records, errors)
    return make_batch(contract, numbers, raw, errors, columns), counts


def _judge(connection: duckdb.DuckDBPyConnection, records: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    connection.register("candidates", pa.table({"place": np.arange(len(records)), "record": records}))
    kinds = connection.execute("""
        select case when json_valid(record) then json_type(record) end as kind from candidates order by place
    """).to_arrow_table().column("kind").combine_chunks()
    errors = np.full(len(records), None, dtype=object)
    errors[pc.is_null(kinds).to_numpy(zero_copy_only=False)] = "not_json"
    errors[pc.fill_null(pc.not_equal(kinds, "OBJECT"), False).to_numpy(zero_copy_only=False)] = "not_json_object"
    errors[json_text.is_too_deep(records)] = "nested_too_deep"
    errors[decoding.has_bad_bytes(records)] = "undecodable_bytes"
    return np.equal(errors, None), errors


def _on_one_line(records: pa.StringArray) -> pa.StringArray:
    """Line ends in valid JSON stand between tokens only: a blank does as well."""
    return pc.replace_substring(records, "\n", " ")


def _query(sources: list[str]) -> str:
    """SQL for all paths of a contract. All plain paths are taken in one go: each call reads the record again."""
    texts, containers, fields = [NOWHERE], [NOWHERE], []
    for source in sources:
        if "=" not in source:
            texts.append(_path(source))
            fields.append(f"texts[{len(texts)}]")
        else:
            before, field, wanted, after = CHOICE.fullmatch(source).groups()
            containers.append(_path(before))
            chosen = (f"list_filter(json_extract(containers[{len(containers)}], '$[*]'), lambda item: "
                      f"json_extract_string(item, {_text(_path(field))}) = {_text(wanted)})[1]")
            fields.append(f"json_extract_string({chosen}, {_text(_path(after))})")
    return f"""
        with taken as (
            select
                place,
                json_extract_string(record, [{', '.join(map(_text, texts))}]) as texts,
                json_extract(record, [{', '.join(map(_text, containers))}]) as containers
            from records
        )
        select {', '.join(f'{field} as c{place}' for place, field in enumerate(fields))}
        from taken
        order by place
    """


def _path(source: str) -> str:
    """JSON path of DuckDB for a path without choice."""
    return "$" + "".join(f'."{name}"' if name else f"[{index}]" for name, index in STEP.findall(source))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _patterns(source: str) -> list[str]:
    """What a column reads, as `_leaves` writes it: elements of arrays are not told apart; fields that choose one."""
    def plain(path: str) -> str:
        return re.sub(r"\[[^\]]*\]", "[]", path)

    chosen_by = [f"{plain(source[: found.start()])}[].{found[1]}" for found in re.finditer(r"\[([^=\]]+)=", source)]
    return [plain(source), *chosen_by]


def _unknown(counts: list[tuple[str, int]], known: list[str], shapes: dict[str, list[str]]) -> Counter[str]:
    """Paths in the data that no column reads, with the number of records that hold them."""
    found: Counter[str] = Counter()
    for shape, count in counts:
        if shape not in shapes:
            leaves = set(_leaves(json.loads(shape), ""))
            shapes[shape] = [path for path in leaves if not any(_covers(path, pattern) for pattern in known)]
        found.update(dict.fromkeys(shapes[shape], count))
    return found


def _leaves(shape: Any, path: str) -> Iterator[str]:
    if isinstance(shape, dict) and shape:
        for key, value in shape.items():
            yield from _leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(shape, list) and shape:
        yield from _leaves(shape[0], f"{path}[]")
    else:
        yield path


def _covers(path: str, pattern: str) -> bool:
    """A column reads the path, or the whole that it is part of; an empty container on its way counts too."""
    longer, shorter = (path, pattern) if len(path) >= len(pattern) else (pattern, path)
    return longer == shorter or longer.startswith((f"{shorter}.", f"{shorter}["))
