-- Functions and names that read files.

-- name: read_csv (1)
-- expect: refused functions read_csv
SELECT * FROM read_csv('/etc/passwd')

-- name: read_csv_auto (2)
-- expect: refused functions read_csv_auto
SELECT * FROM read_csv_auto('/etc/passwd', header = false)

-- name: read_csv (3)
-- expect: refused functions read_csv
SELECT * FROM READ_CSV('/etc/passwd')

-- name: read_text (4)
-- expect: refused functions read_text
SELECT * FROM Read_Text('/etc/hostname')

-- name: read_text (5)
-- expect: refused functions read_text
SELECT * FROM "read_text"('/etc/hostname')

-- name: main.read_text (6)
-- expect: refused functions main.read_text
SELECT * FROM main.read_text('/etc/hostname')

-- name: system.main.read_text (7)
-- expect: refused functions system.main.read_text
SELECT * FROM system.main.read_text('/etc/hostname')

-- name: read_text (8)
-- expect: refused functions read_text
SELECT * FROM/**/read_text/**/('/etc/hostname')

-- name: read_blob (9)
-- expect: refused functions read_blob
SELECT * FROM read_blob('/etc/hostname')

-- name: read_json (10)
-- expect: refused functions read_json
SELECT * FROM read_json('/etc/hostname')

-- name: read_json_auto (11)
-- expect: refused functions read_json_auto
SELECT * FROM read_json_auto('/etc/hostname')

-- name: read_json_objects (12)
-- expect: refused functions read_json_objects
SELECT * FROM read_json_objects('/etc/hostname')

-- name: read_ndjson (13)
-- expect: refused functions read_ndjson
SELECT * FROM read_ndjson('/etc/hostname')

-- name: read_ndjson_auto (14)
-- expect: refused functions read_ndjson_auto
SELECT * FROM read_ndjson_auto('/etc/hostname')

-- name: read_ndjson_objects (15)
-- expect: refused functions read_ndjson_objects
SELECT * FROM read_ndjson_objects('/etc/hostname')

-- name: read_parquet (16)
-- expect: refused functions read_parquet
SELECT * FROM read_parquet('/tmp/x.parquet')

-- name: parquet_scan (17)
-- expect: refused functions parquet_scan
SELECT * FROM parquet_scan('/tmp/x.parquet')

-- name: parquet_metadata (18)
-- expect: refused functions parquet_metadata
SELECT * FROM parquet_metadata('/tmp/x.parquet')

-- name: parquet_schema (19)
-- expect: refused functions parquet_schema
SELECT * FROM parquet_schema('/tmp/x.parquet')

-- name: parquet_kv_metadata (20)
-- expect: refused functions parquet_kv_metadata
SELECT * FROM parquet_kv_metadata('/tmp/x.parquet')

-- name: parquet_file_metadata (21)
-- expect: refused functions parquet_file_metadata
SELECT * FROM parquet_file_metadata('/tmp/x.parquet')

-- name: parquet_bloom_probe (22)
-- expect: refused functions parquet_bloom_probe
SELECT * FROM parquet_bloom_probe('/tmp/x.parquet', 'a', 1)

-- name: sniff_csv (23)
-- expect: refused functions sniff_csv
SELECT * FROM sniff_csv('/etc/passwd')

-- name: glob (24)
-- expect: refused functions glob
SELECT * FROM glob('/etc/*')

-- name: sqlite_scan (25)
-- expect: refused functions sqlite_scan
SELECT * FROM sqlite_scan('/tmp/x.sqlite', 't')

-- name: postgres_query (26)
-- expect: refused functions postgres_query
SELECT * FROM postgres_query('dbname=x', 'DELETE FROM t')

-- name: sqlite_query (27)
-- expect: refused functions sqlite_query
SELECT * FROM sqlite_query('x', 'DELETE FROM t')

-- name: iceberg_scan (28)
-- expect: refused functions iceberg_scan
SELECT * FROM iceberg_scan('/tmp/x')

-- name: delta_scan (29)
-- expect: refused functions delta_scan
SELECT * FROM delta_scan('/tmp/x')

-- name: st_read (30)
-- expect: refused functions st_read
SELECT * FROM st_read('/tmp/x')

-- name: seq_scan (31)
-- expect: refused functions seq_scan
SELECT * FROM seq_scan('orders')

-- name: arrow_scan (32)
-- expect: refused functions arrow_scan
SELECT * FROM arrow_scan(1, 2, 3)

-- name: arrow_scan_dumb (33)
-- expect: refused functions arrow_scan_dumb
SELECT * FROM arrow_scan_dumb(1, 2, 3)

-- name: /etc/passwd (34)
-- expect: refused names /etc/passwd
SELECT * FROM '/etc/passwd'

-- name: .csv (35)
-- expect: refused names .csv
SELECT * FROM 'data/*.csv'

-- name: .csv (36)
-- expect: refused names .csv
SELECT * FROM "/tmp/x.csv"

-- name: https (37)
-- expect: refused names https
SELECT * FROM 'https://example.org/x.csv'

-- name: s3 (38)
-- expect: refused names s3
FROM 's3://bucket/x.parquet'

-- name: x.parquet (39)
-- expect: refused names x.parquet
SELECT * FROM orders JOIN 'x.parquet' p ON p.id = orders.id

-- name: x.json (40)
-- expect: refused names x.json
SELECT 1 WHERE EXISTS (FROM 'x.json')

-- name: x.csv (41)
-- expect: refused names x.csv
SELECT * FROM "x.csv" AS orders
