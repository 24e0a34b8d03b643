#include "eval/csv_table.h"

#include "base/text.h"
#include "eval/question_set.h"

namespace sluice::eval {
namespace {

class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  Result<std::vector<CsvRecord>> read() {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
    std::vector<CsvRecord> out;
    while (at_ < text_.size()) {
      if (line_end()) continue;
      TRY(CsvRecord one, record());
      if (out.size() == kCsvRecordsMax)
        return set_error(path_, one.line, "it has more than " + with_thousands(static_cast<std::int64_t>(kCsvRecordsMax)) + " records",
                         "part it into several files");
      out.push_back(std::move(one));
    }
    return out;
  }

 private:
  /// Whether a line ends here; then it is behind us.
  bool line_end() {
    const std::string_view rest = text_.substr(at_);
    const std::size_t size = rest.starts_with("\r\n") ? 2 : rest.starts_with('\n') ? 1 : 0;
    at_ += size;
    line_ += size > 0 ? 1 : 0;
    return size > 0;
  }

  Result<CsvRecord> record() {
    CsvRecord out{.line = line_, .fields = {}};
    for (;;) {
      TRY(std::string one, text_.substr(at_).starts_with('"') ? quoted() : Result<std::string>(bare()));
      if (out.fields.size() == kCsvFieldsMax)
        return set_error(path_, line_, "a record has more than " + std::to_string(kCsvFieldsMax) + " fields", "put a text with commas into quotes");
      out.fields.push_back(std::move(one));
      if (at_ == text_.size() || line_end()) return out;
      if (text_[at_] != ',')
        return set_error(path_, line_, "something follows the closing quote of a field", "double a quote that belongs to the text: \"\"");
      ++at_;
    }
  }

  std::string bare() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && !text_.substr(at_).starts_with("\r\n")) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  Result<std::string> quoted() {
    const int begin = line_;
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        if (at_ == text_.size() || text_[at_] != '"') return out;
      }
      line_ += text_[at_] == '\n' ? 1 : 0;
      out += text_[at_];
    }
    return set_error(path_, begin, "a field's opening quote is never closed", "close it, and double each quote within: \"\"");
  }

  std::string_view text_;
  const std::string& path_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

Result<std::vector<CsvRecord>> read_csv_table(std::string_view text, const std::string& path) {
  if (text.size() > kCsvBytesMax)
    return set_error(path, 0, "it is " + human_bytes(static_cast<std::int64_t>(text.size())) + " long",
                     "at most " + human_bytes(static_cast<std::int64_t>(kCsvBytesMax)) + " are read; part it into several files");
  if (!is_valid_utf8(text)) return set_error(path, 0, "it is not UTF-8", "save it as UTF-8");
  return CsvReader(text, path).read();
}

}  // namespace sluice::eval
