#pragma once
// Private to this folder: a source as an open database.
#include "connectors/duckdb/connection.h"
#include "connectors/duckdb/duckdb_engine.h"

namespace sluice::duckdb_detail {

/// A table made of files.
struct FileTable {
  std::string name{};
  std::vector<std::string> paths{};
  std::int64_t bytes = 0;
};

/// A table or view of an SQLite file that is read through a view of Sluice's own, and its columns that are read as text.
struct MappedTable {
  std::string name{};
  bool view = false;
  std::vector<std::string> read_as_text{};
};

struct OpenSource {
  std::shared_ptr<Database> database{};
  std::string catalog{};  ///< DuckDB's name of the attached database that holds the tables
  std::vector<FileTable> files{};
  std::vector<MappedTable> mapped{};  ///< all tables and views of an SQLite file, or none where DuckDB can read it as it is
};

/// Which of the safeguards below the parser are on. Production has all of them; tests take them away one by one.
struct Safeguards {
  bool read_only = true;  ///< the file is opened (or attached) read-only, and every session's transaction is read-only
  bool lock = true;       ///< no external access, no changes of settings; of SQLite's functions none that reads another file
  /// Nothing but a SELECT runs. Always on in production; off here unless asked for, so that tests see what the others hold alone.
  bool only_selects = false;
};

/// A connection for Sluice's own statements. It stands in no database of the user's, so that no macro there takes the place of a function or an
/// operator that the statement calls.
Result<std::unique_ptr<Connection>> own_connection(const OpenSource& open, const Call& call);

Result<OpenSource> open_source(const DuckDbSource& source, const DuckDbOptions& options, const Safeguards& safeguards);

/// The engine over it; `open_duckdb` is this with every safeguard on.
Result<std::unique_ptr<DataEngine>> open_engine(const std::string& name, const DuckDbSource& source, const DuckDbOptions& options,
                                                const Safeguards& safeguards);

/// Makes a view of each file that matches; not yet locked. E0409 nothing matches, E0411 a file is no table.
Result<> map_files(Connection& connection, OpenSource& open, const std::vector<std::string>& patterns);

/// The SELECT of a CSV file's view, with everything said that was found out: else DuckDB reads the first 20,000 rows again for every statement. A
/// column that would hold numbers if it were not for "NA" is one of numbers with NULLs; in columns of words "NA" stays, it may be Namibia.
/// An error tells which line does not fit the first.
Result<std::string> csv_select(Connection& connection, const std::string& path);

/// "DuckDB file /data/shop.duckdb": what tells this source from another.
std::string source_name(const DuckDbSource& source);
/// Where DuckDB cannot read every table and view of the file attached as sqlite_file, replaces it by views that can; not yet locked. `options` are
/// those of ATTACH.
Result<> map_sqlite(Connection& connection, OpenSource& open, const std::string& path, const std::string& options);

/// Sizes, times and inodes of the source's files, and the version of what is read from them.
std::string source_state(const DuckDbSource& source, const OpenSource& open);

/// The path for a reader that takes patterns: a pattern character in a file's own name matches nothing else.
std::string exact_pattern(std::string_view path);

/// 'text' as an SQL literal, and "name" as a quoted identifier.
std::string sql_literal(std::string_view text);
std::string sql_identifier(std::string_view name);
/// "catalog"."schema"."name": Sluice's own statements name tables in full, as they run outside of the user's database (`own_connection`).
std::string qualified(const std::string& catalog, const TableName& table);

}  // namespace sluice::duckdb_detail
