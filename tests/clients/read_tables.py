"""Opens a snapshot with DuckDB, Polars, pyarrow and pandas: python read_tables.py FOLDER"""
import json
import pathlib
import sys

import duckdb
import pandas
import polars
import pyarrow.parquet

folder = pathlib.Path(sys.argv[1])
manifest = json.loads((folder / "_snapshot.json").read_text())
found = {}
for table in manifest["tables"]:
    files = f"{folder}/{table}/*.parquet"
    arrow = pyarrow.parquet.read_table(folder / table)
    frame = polars.read_parquet(files)
    relation = duckdb.sql(f"SELECT count(*) FROM '{files}'").fetchall()
    parts = [pandas.read_parquet(path) for path in sorted((folder / table).glob("*.parquet"))]
    rows = {
        "manifest": sum(part["rows"] for part in manifest["tables"][table]),
        "pyarrow": arrow.num_rows,
        "polars": frame.height,
        "duckdb": relation[0][0],
        "pandas": sum(len(part) for part in parts),
    }
    types = {field.name: str(field.type) for field in arrow.schema}
    found[table] = {"rows": rows, "types": types}
    described = duckdb.sql(f"DESCRIBE SELECT * FROM '{files}'").fetchall()
    found[table]["duckdb_types"] = {name: kind for name, kind, *_ in described}
    metadata = pyarrow.parquet.ParquetFile(sorted((folder / table).glob("*.parquet"))[0]).metadata
    found[table]["footer"] = {
        key.decode(): value.decode()
        for key, value in metadata.metadata.items()
        if key.startswith(b"clockstop.")
    }
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    columns = [group.column(at) for group in groups for at in range(group.num_columns)]
    found[table]["encodings"] = sorted({encoding for column in columns for encoding in column.encodings})
    found[table]["compressions"] = sorted({column.compression for column in columns})
running = polars.read_parquet(f"{folder}/clocks/*.parquet").filter(polars.col("state") == "running")
found["running_days"] = int(running["days"].sum() or 0)
found["running_days_duckdb"] = int(duckdb.sql(
    f"SELECT coalesce(sum(days), 0) FROM '{folder}/clocks/*.parquet' WHERE state = 'running'"
).fetchall()[0][0])
# Halves as text: JSON knows no decimals.
found["shares"] = {
    standard: [str(patients), str(within)]
    for standard, patients, within in duckdb.sql(
        f"""SELECT standard, sum(patients), sum(within) FROM '{folder}/wait_shares/*.parquet' GROUP BY standard"""
    ).fetchall()
}
found["england"] = {
    standard: [str(patients), str(within)]
    for standard, patients, within in duckdb.sql(
        f"""SELECT standard, sum(total), sum(within) FROM '{folder}/performance/*.parquet'
        WHERE basis = 'ENGLAND' AND period_kind = 'month' AND cut = 'all' AND route_or_stage LIKE 'ALL%'
        GROUP BY standard"""
    ).fetchall()
}
found["wrong_rates"] = duckdb.sql(
    f"""SELECT count(*) FROM '{folder}/performance/*.parquet'
    WHERE within + after <> total OR abs(performance - within / total) > 1e-12"""
).fetchall()[0][0]
found["wrong_tracking"] = duckdb.sql(
    f"""SELECT count(*) FROM '{folder}/patient_tracking_list/*.parquet' AS list
    FULL JOIN (SELECT * FROM '{folder}/clocks/*.parquet' WHERE state = 'running') AS clock
    ON list.pathway = clock.pathway AND list.standard = clock.standard
      AND list.primary_id IS NOT DISTINCT FROM clock.primary_id
      AND list.treatment_id IS NOT DISTINCT FROM clock.treatment_id
    WHERE list.pathway IS NULL OR clock.pathway IS NULL OR list.days <> clock.days"""
).fetchall()[0][0]
print(json.dumps(found))
