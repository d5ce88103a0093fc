"""Freezes a month of a folder as a release, as a service does at its close: freeze_month.py FOLDER MONTH RELEASE"""
import pathlib
import sys

import pyarrow.compute
import pyarrow.parquet

folder, month, release = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
for table in ("waits", "wait_shares"):
    rows = pyarrow.parquet.read_table(folder / "current" / table)
    rows = rows.filter(pyarrow.compute.equal(rows["report_month"], month))
    frozen = folder / "releases" / month / release / table / "part-0000.parquet"
    frozen.parent.mkdir(parents=True)
    pyarrow.parquet.write_table(rows, frozen)
