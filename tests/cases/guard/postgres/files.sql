-- Functions that read or write files.

-- name: pg_read_file (1)
-- expect: refused functions pg_read_file
SELECT pg_read_file('PG_VERSION')

-- name: pg_read_file (2)
-- expect: refused functions pg_read_file
SELECT PG_READ_FILE('PG_VERSION')

-- name: pg_read_file (3)
-- expect: refused functions pg_read_file
SELECT pg_catalog.pg_read_file('PG_VERSION')

-- name: pg_read_file (4)
-- expect: refused functions pg_read_file
SELECT "pg_read_file"('PG_VERSION')

-- name: pg_read_file (5)
-- expect: refused functions pg_read_file
SELECT "pg_catalog"."pg_read_file"('PG_VERSION')

-- name: pg_read_file (6)
-- expect: refused functions pg_read_file
SELECT U&"pg\005fread_file"('PG_VERSION')

-- name: pg_read_file (7)
-- expect: refused functions pg_read_file
SELECT U&"pg!005fread_file" UESCAPE '!' ('PG_VERSION')

-- name: pg_read_file (8)
-- expect: refused functions pg_read_file
SELECT/**/pg_read_file/**/('PG_VERSION')

-- name: pg_read_file (9)
-- expect: refused functions pg_read_file
SELECT pg_read_file($$PG_VERSION$$)

-- name: pg_read_binary_file (10)
-- expect: refused functions pg_read_binary_file
SELECT pg_read_binary_file('PG_VERSION')

-- name: pg_ls_dir (11)
-- expect: refused functions pg_ls_dir
SELECT pg_ls_dir('.')

-- name: pg_ls_dir (12)
-- expect: refused functions pg_ls_dir
SELECT * FROM pg_ls_dir('.')

-- name: pg_ls_logdir (13)
-- expect: refused functions pg_ls_logdir
SELECT * FROM pg_ls_logdir()

-- name: pg_ls_waldir (14)
-- expect: refused functions pg_ls_waldir
SELECT * FROM pg_ls_waldir()

-- name: pg_ls_tmpdir (15)
-- expect: refused functions pg_ls_tmpdir
SELECT * FROM pg_ls_tmpdir()

-- name: pg_stat_file (16)
-- expect: refused functions pg_stat_file
SELECT * FROM pg_stat_file('PG_VERSION')

-- name: pg_current_logfile (17)
-- expect: refused functions pg_current_logfile
SELECT pg_current_logfile()

-- name: pg_hba_file_rules (18)
-- expect: refused functions pg_hba_file_rules
SELECT * FROM pg_hba_file_rules()

-- name: lo_import (19)
-- expect: refused functions lo_import
SELECT lo_import('/etc/passwd')

-- name: lo_export (20)
-- expect: refused functions lo_export
SELECT lo_export(1, '/tmp/sluice-guard-lo')

-- name: lo_create (21)
-- expect: refused functions lo_create
SELECT lo_create(0)

-- name: lo_from_bytea (22)
-- expect: refused functions lo_from_bytea
SELECT lo_from_bytea(0, 'x')

-- name: lo_put (23)
-- expect: refused functions lo_put
SELECT lo_put(1, 0, 'x')

-- name: lo_export (24)
-- expect: refused functions lo_export
SELECT lo_export(lo_from_bytea(0, 'x'), '/tmp/sluice-guard-lo')

-- name: lo_get (25)
-- expect: refused functions lo_get
SELECT lo_get(1)

-- name: lo_unlink (26)
-- expect: refused functions lo_unlink
SELECT lo_unlink(1)

-- name: lowrite (27)
-- expect: refused functions lowrite
SELECT lowrite(1, 'x')

-- name: loread (28)
-- expect: refused functions loread
SELECT loread(1, 10)

-- name: pg_file_write (29)
-- expect: refused functions pg_file_write
SELECT pg_file_write('x', 'y', false)
