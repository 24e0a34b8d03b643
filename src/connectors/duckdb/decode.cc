#include "connectors/duckdb/decode.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace sluice::duckdb_detail {
namespace {

constexpr int kNestingMax = 32;
constexpr std::size_t kBigNumberBytesMax = 4096;  ///< decimal digits cost the square of it
/// Well-known binary; DuckDB 1.5 has the type, the header of 1.4 not yet.
constexpr auto kGeometry = static_cast<duckdb_type>(40);
constexpr std::int64_t kMicros = 1'000'000, kDaySeconds = 86'400;

/// A logical type that ends with the scope.
class TypeHandle {
 public:
  TypeHandle(const Api& api, duckdb_logical_type type) : api_(api), type_(type) {}
  ~TypeHandle() { api_.duckdb_destroy_logical_type(&type_); }
  TypeHandle(const TypeHandle&) = delete;
  TypeHandle& operator=(const TypeHandle&) = delete;
  duckdb_logical_type get() const { return type_; }

 private:
  const Api& api_;
  duckdb_logical_type type_;
};

std::string owned(const Api& api, char* text) {
  std::string out = text != nullptr ? text : "";
  api.duckdb_free(text);
  return out;
}

/// Digits of a 128-bit integer, with `scale` of them behind the point.
std::string digits_of(unsigned __int128 value, bool negative, int scale) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  while (static_cast<int>(digits.size()) <= scale) digits.insert(digits.begin(), '0');
  if (scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
  return negative ? "-" + digits : digits;
}

std::string digits_of(__int128 value, int scale) {
  return digits_of(value < 0 ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value), value < 0, scale);
}

__int128 wide(const duckdb_hugeint& value) { return (static_cast<__int128>(value.upper) << 64) | static_cast<__int128>(value.lower); }

/// Days since 1970 as a date of the proleptic Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
std::string date_text(std::int64_t days) {
  if (days == INT32_MAX) return "infinity";
  if (days == -static_cast<std::int64_t>(INT32_MAX)) return "-infinity";
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const int month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  std::array<char, 48> out{};
  std::snprintf(out.data(), out.size(), "%04lld-%02d-%02d", static_cast<long long>(year > 0 ? year : 1 - year), month, day);
  return year > 0 ? std::string(out.data()) : std::string(out.data()) + " (BC)";
}

/// Time of day, with as many decimals as it needs.
std::string time_text(std::int64_t units, std::int64_t per_second) {
  const std::int64_t seconds = units / per_second;
  std::array<char, 48> out{};
  std::snprintf(out.data(), out.size(), "%02d:%02d:%02d", static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
                static_cast<int>(seconds % 60));
  std::string text = out.data();
  if (const std::int64_t rest = units % per_second; rest != 0) {
    std::string decimals = std::to_string(per_second + rest);
    decimals.front() = '.';
    while (decimals.back() == '0') decimals.pop_back();
    text += decimals;
  }
  return text;
}

std::string timestamp_text(std::int64_t units, std::int64_t per_second) {
  if (units == INT64_MAX) return "infinity";
  if (units == -INT64_MAX) return "-infinity";
  const std::int64_t per_day = kDaySeconds * per_second;
  const std::int64_t days = units >= 0 ? units / per_day : (units + 1) / per_day - 1;
  return date_text(days) + " " + time_text(units - days * per_day, per_second);
}

std::string interval_text(const duckdb_interval& value) {
  std::vector<std::string> parts;
  const auto part = [&](std::int64_t amount, const char* unit) {
    if (amount != 0) parts.push_back(std::to_string(amount) + " " + unit + (std::abs(amount) == 1 ? "" : "s"));
  };
  part(value.months / 12, "year");
  part(value.months % 12, "month");
  part(value.days, "day");
  if (value.micros != 0 || parts.empty()) parts.push_back((value.micros < 0 ? "-" : "") + time_text(std::abs(value.micros), kMicros));
  return join(parts, " ");
}

std::string uuid_text(const duckdb_hugeint& value) {
  // DuckDB keeps UUIDs with the first bit flipped, so that they sort as text.
  const auto upper = static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63U);
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(upper >> 32U),
                static_cast<unsigned>((upper >> 16U) & 0xFFFFU), static_cast<unsigned>(upper & 0xFFFFU), static_cast<unsigned>(value.lower >> 48U),
                static_cast<unsigned long long>(value.lower & 0xFFFFFFFFFFFFULL));
  return out.data();
}

/// "10:00:00+02": the upper 40 bits are the local time, the lower 24 the offset, counted down from the largest one.
std::string time_tz_text(std::uint64_t bits) {
  constexpr std::int64_t kOffsetMax = 16 * 3600 - 1;
  const std::int64_t offset = kOffsetMax - static_cast<std::int64_t>(bits & 0xFFFFFFU), away = std::abs(offset);
  std::array<char, 16> zone{};
  if (away % 60 != 0)
    std::snprintf(zone.data(), zone.size(), ":%02d:%02d", static_cast<int>(away / 60 % 60), static_cast<int>(away % 60));
  else if (away % 3600 != 0)
    std::snprintf(zone.data(), zone.size(), ":%02d", static_cast<int>(away / 60 % 60));
  const std::string hours = std::to_string(100 + away / 3600).substr(1);
  return time_text(static_cast<std::int64_t>(bits >> 24U), kMicros) + (offset < 0 ? "-" : "+") + hours + zone.data();
}

/// "0101": the first byte says how many bits of the second don't count.
std::string bits_text(std::string_view bytes) {
  std::string out;
  const std::size_t unused = bytes.empty() ? 0 : static_cast<unsigned char>(bytes[0]);
  for (std::size_t bit = 8 + unused; bit < bytes.size() * 8; ++bit)
    out += ((static_cast<unsigned char>(bytes[bit / 8]) >> (7 - bit % 8)) & 1U) != 0 ? '1' : '0';
  return out;
}

/// Three bytes with sign and length, then the number, highest byte first; all inverted where it is negative.
std::string big_number_text(std::string_view bytes) {
  constexpr std::size_t kHeader = 3;
  if (bytes.size() <= kHeader || bytes.size() > kBigNumberBytesMax) return "(a number of " + with_thousands(std::ssize(bytes)) + " bytes)";
  const bool negative = (static_cast<unsigned char>(bytes[0]) & 0x80U) == 0;
  constexpr std::uint64_t kBillion = 1'000'000'000;
  std::vector<std::uint64_t> limbs{0};  // of nine digits each, lowest first
  for (const char c : bytes.substr(kHeader)) {
    std::uint64_t carry = static_cast<unsigned char>(negative ? ~c : c);
    for (std::uint64_t& limb : limbs) {
      carry += limb * 256;
      limb = carry % kBillion;
      carry /= kBillion;
    }
    if (carry != 0) limbs.push_back(carry);
  }
  std::string out = (negative ? "-" : "") + std::to_string(limbs.back());
  for (auto limb = limbs.rbegin() + 1; limb != limbs.rend(); ++limb) out += std::to_string(kBillion + *limb).substr(1);
  return out;
}

/// Bytes inside of a list or struct, as DuckDB writes them.
std::string blob_text(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '\\' && c != '\'' && c != '"')
      out += c;
    else
      out += {'\\', 'x', kHex[byte >> 4U], kHex[byte & 0xFU]};
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// A value inside of a list, struct or map, quoted where it could be mistaken for something else: DuckDB's rule.
std::string inner_text(std::string_view text) {
  constexpr std::string_view kSpecial = "\"'(),:=[]{}";
  const bool plain =
      !text.empty() && text == trim(text) && !equals_ignoring_case(text, "null") && text.find_first_of(kSpecial) == std::string_view::npos;
  return plain ? std::string(text) : quoted(text);
}

/// The shortest number that reads back as the same float: 0.1, not 0.10000000149011612.
double shortest(float value) {
  std::array<char, 32> text{};
  const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), value);
  double out = static_cast<double>(value);
  if (failure == std::errc() && std::isfinite(value)) std::from_chars(text.data(), end, out);
  return out;
}

/// One column's vector: values by row.
class Reader {
 public:
  Reader(const Api& api, duckdb_vector vector, duckdb_logical_type type)
      : api_(api), vector_(vector), type_(type), id_(api.duckdb_get_type_id(type)) {
    data_ = api.duckdb_vector_get_data(vector);
    validity_ = api.duckdb_vector_get_validity(vector);
  }
  Value value(idx_t row, int depth = 0) const {  // NOLINT(misc-no-recursion): bounded by kNestingMax
    if (validity_ != nullptr && !api_.duckdb_validity_row_is_valid(validity_, row)) return {};
    switch (id_) {
      case DUCKDB_TYPE_BOOLEAN: return at<bool>(row);
      case DUCKDB_TYPE_TINYINT: return std::int64_t{at<std::int8_t>(row)};
      case DUCKDB_TYPE_SMALLINT: return std::int64_t{at<std::int16_t>(row)};
      case DUCKDB_TYPE_INTEGER: return std::int64_t{at<std::int32_t>(row)};
      case DUCKDB_TYPE_BIGINT: return at<std::int64_t>(row);
      case DUCKDB_TYPE_UTINYINT: return std::int64_t{at<std::uint8_t>(row)};
      case DUCKDB_TYPE_USMALLINT: return std::int64_t{at<std::uint16_t>(row)};
      case DUCKDB_TYPE_UINTEGER: return std::int64_t{at<std::uint32_t>(row)};
      case DUCKDB_TYPE_FLOAT: return shortest(at<float>(row));
      case DUCKDB_TYPE_DOUBLE: return at<double>(row);
      default: return text(row, depth);
    }
  }

 private:
  template <class T>
  const T& at(idx_t row) const {
    return static_cast<const T*>(data_)[row];
  }
  std::string string(idx_t row) const {
    auto value = at<duckdb_string_t>(row);
    return {api_.duckdb_string_t_data(&value), api_.duckdb_string_t_length(value)};
  }
  std::string text(idx_t row, int depth) const {  // NOLINT(misc-no-recursion)
    if (id_ == kGeometry) return string(row);
    switch (id_) {
      case DUCKDB_TYPE_UBIGINT: return std::to_string(at<std::uint64_t>(row));
      case DUCKDB_TYPE_HUGEINT: return digits_of(wide(at<duckdb_hugeint>(row)), 0);
      case DUCKDB_TYPE_UHUGEINT: {
        const auto& value = at<duckdb_uhugeint>(row);
        return digits_of((static_cast<unsigned __int128>(value.upper) << 64U) | value.lower, false, 0);
      }
      case DUCKDB_TYPE_DECIMAL: return decimal(row);
      case DUCKDB_TYPE_DATE: return date_text(at<std::int32_t>(row));
      case DUCKDB_TYPE_TIME: return time_text(at<std::int64_t>(row), kMicros);
      case DUCKDB_TYPE_TIMESTAMP: return timestamp_text(at<std::int64_t>(row), kMicros);
      case DUCKDB_TYPE_TIMESTAMP_S: return timestamp_text(at<std::int64_t>(row), 1);
      case DUCKDB_TYPE_TIMESTAMP_MS: return timestamp_text(at<std::int64_t>(row), 1000);
      case DUCKDB_TYPE_TIMESTAMP_NS: return timestamp_text(at<std::int64_t>(row), 1'000'000'000);
      case DUCKDB_TYPE_TIMESTAMP_TZ: return timestamp_text(at<std::int64_t>(row), kMicros) + "+00";
      case DUCKDB_TYPE_INTERVAL: return interval_text(at<duckdb_interval>(row));
      case DUCKDB_TYPE_UUID: return uuid_text(at<duckdb_hugeint>(row));
      case DUCKDB_TYPE_ENUM: return enumerated(row);
      case DUCKDB_TYPE_TIME_TZ: return time_tz_text(at<std::uint64_t>(row));
      case DUCKDB_TYPE_TIME_NS: return time_text(at<std::int64_t>(row), 1'000'000'000);
      case DUCKDB_TYPE_BIT: return bits_text(string(row));
      case DUCKDB_TYPE_BIGNUM: return big_number_text(string(row));
      case DUCKDB_TYPE_VARCHAR:
      case DUCKDB_TYPE_BLOB: return string(row);
      default: return nested(row, depth);
    }
  }
  bool is_nested() const {
    return id_ == DUCKDB_TYPE_LIST || id_ == DUCKDB_TYPE_ARRAY || id_ == DUCKDB_TYPE_STRUCT || id_ == DUCKDB_TYPE_MAP || id_ == DUCKDB_TYPE_UNION;
  }
  std::string decimal(idx_t row) const {
    const int scale = api_.duckdb_decimal_scale(type_);
    switch (api_.duckdb_decimal_internal_type(type_)) {
      case DUCKDB_TYPE_SMALLINT: return digits_of(at<std::int16_t>(row), scale);
      case DUCKDB_TYPE_INTEGER: return digits_of(at<std::int32_t>(row), scale);
      case DUCKDB_TYPE_BIGINT: return digits_of(at<std::int64_t>(row), scale);
      default: return digits_of(wide(at<duckdb_hugeint>(row)), scale);
    }
  }
  std::string enumerated(idx_t row) const {
    const duckdb_type internal = api_.duckdb_enum_internal_type(type_);
    const idx_t index = internal == DUCKDB_TYPE_UTINYINT    ? at<std::uint8_t>(row)
                        : internal == DUCKDB_TYPE_USMALLINT ? at<std::uint16_t>(row)
                                                            : at<std::uint32_t>(row);
    return owned(api_, api_.duckdb_enum_dictionary_value(type_, index));
  }
  std::string element(const Reader& reader, idx_t row, int depth) const {  // NOLINT(misc-no-recursion)
    const Value value = reader.value(row, depth + 1);
    if (std::holds_alternative<std::monostate>(value)) return "NULL";
    std::string text = value_text(value, {});
    if (reader.is_nested()) return text;
    return inner_text(reader.id_ == DUCKDB_TYPE_BLOB || reader.id_ == kGeometry ? blob_text(text) : text);
  }
  std::string list(duckdb_vector child, duckdb_logical_type type, idx_t offset, idx_t length, int depth) const {  // NOLINT(misc-no-recursion)
    const TypeHandle handle(api_, type);
    const Reader reader(api_, child, handle.get());
    std::vector<std::string> parts;
    parts.reserve(length);
    for (idx_t i = 0; i < length; ++i) parts.push_back(element(reader, offset + i, depth));
    return "[" + join(parts, ", ") + "]";
  }
  /// {'a': 1, 'b': x}, and (1, x) where the fields have no names.
  std::string structure(idx_t row, int depth) const {  // NOLINT(misc-no-recursion)
    std::vector<std::string> parts;
    bool named = false;
    for (idx_t i = 0; i < api_.duckdb_struct_type_child_count(type_); ++i) {
      const TypeHandle child(api_, api_.duckdb_struct_type_child_type(type_, i));
      const Reader reader(api_, api_.duckdb_struct_vector_get_child(vector_, i), child.get());
      const std::string name = owned(api_, api_.duckdb_struct_type_child_name(type_, i));
      named = named || !name.empty();
      parts.push_back((name.empty() ? "" : quoted(name) + ": ") + element(reader, row, depth));
    }
    return (named ? "{" : "(") + join(parts, ", ") + (named ? "}" : ")");
  }
  /// A union is a struct of the tag and every possible member.
  std::string chosen(idx_t row, int depth) const {  // NOLINT(misc-no-recursion)
    const TypeHandle tag_type(api_, api_.duckdb_create_logical_type(DUCKDB_TYPE_UTINYINT));
    const Value tag = Reader(api_, api_.duckdb_struct_vector_get_child(vector_, 0), tag_type.get()).value(row);
    const auto* index = std::get_if<std::int64_t>(&tag);
    if (index == nullptr || std::cmp_greater_equal(*index, api_.duckdb_union_type_member_count(type_))) return "NULL";
    const auto member = static_cast<idx_t>(*index);
    const TypeHandle type(api_, api_.duckdb_union_type_member_type(type_, member));
    const Value value = Reader(api_, api_.duckdb_struct_vector_get_child(vector_, member + 1), type.get()).value(row, depth + 1);
    return std::holds_alternative<std::monostate>(value) ? "NULL" : value_text(value, {});
  }
  /// A map is a list of (key, value) structs.
  std::string map(idx_t row, int depth) const {  // NOLINT(misc-no-recursion)
    const auto entry = at<duckdb_list_entry>(row);
    const duckdb_vector pairs = api_.duckdb_list_vector_get_child(vector_);
    const TypeHandle key(api_, api_.duckdb_map_type_key_type(type_)), mapped(api_, api_.duckdb_map_type_value_type(type_));
    const Reader keys(api_, api_.duckdb_struct_vector_get_child(pairs, 0), key.get()),
        values(api_, api_.duckdb_struct_vector_get_child(pairs, 1), mapped.get());
    std::vector<std::string> parts;
    for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) parts.push_back(element(keys, i, depth) + "=" + element(values, i, depth));
    return "{" + join(parts, ", ") + "}";
  }
  std::string nested(idx_t row, int depth) const {  // NOLINT(misc-no-recursion)
    if (depth >= kNestingMax) return "…";
    switch (id_) {
      case DUCKDB_TYPE_LIST: {
        const auto entry = at<duckdb_list_entry>(row);
        return list(api_.duckdb_list_vector_get_child(vector_), api_.duckdb_list_type_child_type(type_), entry.offset, entry.length, depth);
      }
      case DUCKDB_TYPE_ARRAY: {
        const idx_t size = api_.duckdb_array_type_array_size(type_);
        return list(api_.duckdb_array_vector_get_child(vector_), api_.duckdb_array_type_child_type(type_), row * size, size, depth);
      }
      case DUCKDB_TYPE_STRUCT: return structure(row, depth);
      case DUCKDB_TYPE_MAP: return map(row, depth);
      case DUCKDB_TYPE_UNION: return chosen(row, depth);
      default: return "(a value of type " + type_of(api_, type_).native + ")";
    }
  }

  const Api& api_;
  duckdb_vector vector_;
  duckdb_logical_type type_;
  duckdb_type id_;
  void* data_ = nullptr;
  std::uint64_t* validity_ = nullptr;
};

struct KnownType {
  duckdb_type id;
  TypeKind kind;
  const char* name;
};
constexpr std::array<KnownType, 37> kTypes{{{DUCKDB_TYPE_BOOLEAN, TypeKind::boolean, "BOOLEAN"},
                                            {DUCKDB_TYPE_TINYINT, TypeKind::integer, "TINYINT"},
                                            {DUCKDB_TYPE_SMALLINT, TypeKind::integer, "SMALLINT"},
                                            {DUCKDB_TYPE_INTEGER, TypeKind::integer, "INTEGER"},
                                            {DUCKDB_TYPE_BIGINT, TypeKind::integer, "BIGINT"},
                                            {DUCKDB_TYPE_UTINYINT, TypeKind::integer, "UTINYINT"},
                                            {DUCKDB_TYPE_USMALLINT, TypeKind::integer, "USMALLINT"},
                                            {DUCKDB_TYPE_UINTEGER, TypeKind::integer, "UINTEGER"},
                                            {DUCKDB_TYPE_UBIGINT, TypeKind::decimal, "UBIGINT"},
                                            {DUCKDB_TYPE_HUGEINT, TypeKind::decimal, "HUGEINT"},
                                            {DUCKDB_TYPE_UHUGEINT, TypeKind::decimal, "UHUGEINT"},
                                            {DUCKDB_TYPE_DECIMAL, TypeKind::decimal, "DECIMAL"},
                                            {DUCKDB_TYPE_FLOAT, TypeKind::floating, "FLOAT"},
                                            {DUCKDB_TYPE_DOUBLE, TypeKind::floating, "DOUBLE"},
                                            {DUCKDB_TYPE_VARCHAR, TypeKind::text, "VARCHAR"},
                                            {DUCKDB_TYPE_BLOB, TypeKind::bytes, "BLOB"},
                                            {kGeometry, TypeKind::bytes, "GEOMETRY"},
                                            {DUCKDB_TYPE_DATE, TypeKind::date, "DATE"},
                                            {DUCKDB_TYPE_TIME, TypeKind::time, "TIME"},
                                            {DUCKDB_TYPE_TIME_TZ, TypeKind::unknown, "TIME WITH TIME ZONE"},
                                            {DUCKDB_TYPE_TIME_NS, TypeKind::time, "TIME_NS"},
                                            {DUCKDB_TYPE_BIT, TypeKind::unknown, "BIT"},
                                            {DUCKDB_TYPE_BIGNUM, TypeKind::decimal, "BIGNUM"},
                                            {DUCKDB_TYPE_SQLNULL, TypeKind::unknown, "\"NULL\""},
                                            {DUCKDB_TYPE_TIMESTAMP, TypeKind::timestamp, "TIMESTAMP"},
                                            {DUCKDB_TYPE_TIMESTAMP_S, TypeKind::timestamp, "TIMESTAMP_S"},
                                            {DUCKDB_TYPE_TIMESTAMP_MS, TypeKind::timestamp, "TIMESTAMP_MS"},
                                            {DUCKDB_TYPE_TIMESTAMP_NS, TypeKind::timestamp, "TIMESTAMP_NS"},
                                            {DUCKDB_TYPE_TIMESTAMP_TZ, TypeKind::timestamptz, "TIMESTAMP WITH TIME ZONE"},
                                            {DUCKDB_TYPE_INTERVAL, TypeKind::interval, "INTERVAL"},
                                            {DUCKDB_TYPE_UUID, TypeKind::uuid, "UUID"},
                                            {DUCKDB_TYPE_ENUM, TypeKind::text, "ENUM"},
                                            {DUCKDB_TYPE_LIST, TypeKind::list, "LIST"},
                                            {DUCKDB_TYPE_ARRAY, TypeKind::list, "ARRAY"},
                                            {DUCKDB_TYPE_STRUCT, TypeKind::structure, "STRUCT"},
                                            {DUCKDB_TYPE_MAP, TypeKind::structure, "MAP"},
                                            {DUCKDB_TYPE_UNION, TypeKind::structure, "UNION"}}};

}  // namespace

Type type_of(const Api& api, duckdb_logical_type type) {
  const std::string alias = owned(api, api.duckdb_logical_type_get_alias(type));
  if (equals_ignoring_case(alias, "json")) return {TypeKind::json, "JSON"};
  const duckdb_type id = api.duckdb_get_type_id(type);
  for (const KnownType& known : kTypes) {
    if (known.id != id) continue;
    if (id != DUCKDB_TYPE_DECIMAL) return {known.kind, known.name};
    return {known.kind, "DECIMAL(" + std::to_string(api.duckdb_decimal_width(type)) + "," + std::to_string(api.duckdb_decimal_scale(type)) + ")"};
  }
  return {TypeKind::unknown, "type " + std::to_string(static_cast<int>(id))};
}

Type type_of_name(std::string_view native) {
  const std::string name(native);
  if (name.ends_with(']')) return {TypeKind::list, name};
  if (name == "JSON") return {TypeKind::json, name};
  const std::string head = name.substr(0, name.find('('));
  for (const KnownType& known : kTypes)
    if (head == known.name) return {known.kind, name};
  return {TypeKind::unknown, name};
}

std::vector<ResultColumn> columns_of(const Api& api, duckdb_result& result) {
  std::vector<ResultColumn> out;
  for (idx_t c = 0; c < api.duckdb_column_count(&result); ++c) {
    const TypeHandle type(api, api.duckdb_column_logical_type(&result, c));
    out.push_back({api.duckdb_column_name(&result, c), type_of(api, type.get())});
  }
  return out;
}

std::vector<Row> rows_of(const Api& api, duckdb_data_chunk chunk) {
  const idx_t size = api.duckdb_data_chunk_get_size(chunk), width = api.duckdb_data_chunk_get_column_count(chunk);
  std::vector<Row> rows(size, Row(width));
  for (idx_t c = 0; c < width; ++c) {
    const duckdb_vector vector = api.duckdb_data_chunk_get_vector(chunk, c);
    const TypeHandle type(api, api.duckdb_vector_get_column_type(vector));
    const Reader reader(api, vector, type.get());
    for (idx_t r = 0; r < size; ++r) rows[r][c] = reader.value(r);
  }
  return rows;
}

}  // namespace sluice::duckdb_detail
