"""Answers the questions of a document: questions.py DOCUMENT FOLDER [--write]

FOLDER holds `current`. Every block of SQL runs there word for word. --write puts the answers into the document,
below their queries, in place of those that stand there.
"""
import datetime
import decimal
import os
import pathlib
import re
import sys

import duckdb

BLOCK = re.compile(r"```sql\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.S)


def blocks(document):
    """(number of the question, the SQL, the answer that is printed or None) of each block, in order."""
    found = []
    for part in re.split(r"^## ", document, flags=re.M)[1:]:
        number = part.split(".", 1)[0]
        if number.isdigit():
            found += [(int(number), sql, printed) for sql, printed in BLOCK.findall(part)]
    return found


def run(sql, folder):
    """Column names and rows, as from the folder that holds `current`."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        relation = duckdb.sql(sql)
        return relation.columns, relation.fetchall()
    finally:
        os.chdir(before)


def shown(value):
    if value is None:
        return "·"
    if isinstance(value, (float, decimal.Decimal)):
        return f"{value:,.1f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def table(columns, rows):
    """The rows as people read them: numbers to the right, null as `·`."""
    cells = [[shown(value) for value in row] for row in rows]
    numbers = [
        any(isinstance(row[at], (int, float, decimal.Decimal)) and not isinstance(row[at], bool) for row in rows)
        for at in range(len(columns))
    ]
    widths = [max(len(row[at]) for row in [columns, *cells]) for at in range(len(columns))]
    lines = []
    for row in [columns, *cells]:
        aligned = zip(row, numbers, widths)
        line = "  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, number, width in aligned)
        lines.append(line.rstrip())
    return "\n".join(lines + ([] if rows else ["(no rows)"])) + "\n"


def written(document, folder):
    """The document with the answers of this folder."""
    def answer(match):
        sql = match.group(1)
        return f"```sql\n{sql}```\n\n```text\n{table(*run(sql, folder))}```\n"

    head, *questions = re.split(r"^(?=## \d)", document, flags=re.M)
    return head + "".join(BLOCK.sub(answer, question) for question in questions)


def main():
    path, folder = pathlib.Path(sys.argv[1]), sys.argv[2]
    document = path.read_text()
    if "--write" in sys.argv[3:]:
        path.write_text(written(document, folder))
        return
    for number, sql, _ in blocks(document):
        print(f"-- question {number}\n{sql}\n{table(*run(sql, folder))}")


if __name__ == "__main__":
    main()
