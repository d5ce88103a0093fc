"""Reads whatever `current` points at, again and again, until a file says stop: python keep_reading.py ROOT STOP"""
import json
import pathlib
import sys

import pyarrow.parquet

root, stop = map(pathlib.Path, sys.argv[1:])
rounds, seen, wrong = 0, set(), []
while not stop.exists() or rounds == 0:
    if not (root / "current").exists():
        continue
    folder = (root / "current").resolve()
    try:
        manifest = json.loads((folder / "_snapshot.json").read_text())
        for table, parts in manifest["tables"].items():
            rows = sum(pyarrow.parquet.ParquetFile(folder / part["file"]).metadata.num_rows for part in parts)
            told = sum(part["rows"] for part in parts)
            files = len(list((folder / table).glob("*.parquet")))
            if rows != told or files != len(parts):
                wrong.append(f"{folder.name}: {table} has {rows} rows of {told} in {files} files of {len(parts)}")
    except Exception as error:
        wrong.append(f"{folder.name}: {error!r}")
    seen.add(folder.name)
    rounds += 1
print(json.dumps({"rounds": rounds, "seen": len(seen), "wrong": wrong}))
