"""Prints every distinct value of every column of a snapshot: python all_texts.py FOLDER"""
import pathlib
import sys

import pyarrow.parquet

folder = pathlib.Path(sys.argv[1])
values = set()
for path in sorted(folder.glob("*/*.parquet")):
    table = pyarrow.parquet.read_table(path)
    for column in table.columns:
        values.update(str(value) for value in column.unique().to_pylist() if value is not None)
print("\n".join(sorted(values)))
