#include "cli/eval_view.h"

#include <cmath>

#include "base/text.h"
#include "cli/costs_text.h"
#include "cli/table_view.h"

namespace sluice {
namespace {

using eval::Sums;

constexpr const char* kNothing = "–";

std::string percent(const std::optional<double>& share) {
  constexpr double kPermille = 1000;
  if (!share) return kNothing;
  const auto permille = std::lround(*share * kPermille);
  return std::to_string(permille / 10) + "." + std::to_string(permille % 10) + " %";
}

std::string ms(const std::optional<std::int64_t>& value) { return value ? human_duration(*value) : kNothing; }

/// A line a measure, a column an arm.
std::string arms_text(const eval::Report& report, const Terminal& terminal) {
  TableView table;
  table.column("");
  std::vector<Sums> sums;
  for (const eval::ArmReport& arm : report.arms) {
    table.column(arm.arm.name, TableView::Align::right);
    sums.push_back(sums_of(arm));
  }
  const auto line = [&](const std::string& name, const std::function<std::string(const Sums&)>& value) {
    std::vector<std::string> cells{name};
    for (const Sums& one : sums) cells.push_back(value(one));
    table.row(std::move(cells));
  };
  const auto number = [](std::int64_t value) { return with_thousands(value); };
  line("asked", [&](const Sums& one) { return number(one.asked); });
  line("right", [&](const Sums& one) { return number(one.right); });
  line("wrong", [&](const Sums& one) { return number(one.wrong); });
  line("refused", [&](const Sums& one) { return number(one.refused); });
  line("unproven", [&](const Sums& one) { return number(one.unproven); });
  line("failed", [&](const Sums& one) { return number(one.failed); });
  line("right of all", [&](const Sums& one) { return percent(one.accuracy); });
  line("right of the answered", [&](const Sums& one) { return percent(one.precision); });
  line("unanswerable, refused", [&](const Sums& one) { return number(one.unanswerable_refused) + " of " + number(one.unanswerable); });
  line("proofs, p50 and most",
       [&](const Sums& one) { return one.rounds_max ? number(*one.rounds_p50) + ", " + number(*one.rounds_max) : std::string(kNothing); });
  line("time, p50 and p95", [&](const Sums& one) { return ms(one.latency_p50) + ", " + ms(one.latency_p95); });
  line("time without models", [&](const Sums& one) { return ms(one.own_p50) + ", " + ms(one.own_p95); });
  line("model calls", [&](const Sums& one) { return number(one.use.calls); });
  line("replies from the cache", [&](const Sums& one) { return number(one.use.cached); });
  line("tokens in, cached, out",
       [&](const Sums& one) { return number(one.use.tokens_in) + ", " + number(one.use.tokens_cached) + ", " + number(one.use.tokens_out); });
  line("price", [&](const Sums& one) { return costs_text(one.use.usd, one.use.calls, one.use.unpriced); });
  return table.render(terminal.output ? terminal.width : 0, terminal.color_output);
}

std::string reliability_text(const eval::Report& report, const Terminal& terminal) {
  TableView table;
  table.column("confidence");
  for (const char* title : {"answered", "right", "share", "mean"}) table.column(title, TableView::Align::right);
  table.column("arm");
  for (const eval::ArmReport& arm : report.arms)
    for (const eval::ConfidenceBin& bin : sums_of(arm).reliability)
      table.row({number_text(bin.from) + " to " + number_text(bin.to), with_thousands(bin.answered), with_thousands(bin.right),
                 percent(eval::share_of(bin.right, bin.answered)), number_text(bin.mean_confidence), arm.arm.name});
  return table.empty() ? "" : "\n" + table.render(terminal.output ? terminal.width : 0, terminal.color_output);
}

std::string missed_text(const eval::Report& report, const Terminal& terminal) {
  TableView table;
  for (const char* title : {"question", "verdict", "arm", "why", "asked"}) table.column(title);
  for (const eval::ArmReport& arm : report.arms)
    for (const eval::Asked& one : arm.asked)
      if (!one.right)
        table.row({one.id, std::string(enum_name(one.verdict)), arm.arm.name, (one.code.empty() ? "" : one.code + " ") + one.why, one.question});
  return table.empty() ? "" : "\n" + table.render(terminal.output ? terminal.width : 0, terminal.color_output);
}

std::string listed(const std::string& what, const std::vector<std::string>& ids) {
  return ids.empty() ? "" : "  " + what + ": " + join(ids, ", ") + "\n";
}

std::string against_text(const eval::Comparison& against) {
  std::string out = "\nbeside " + against.path + "\n";
  for (const eval::ArmChange& arm : against.arms) {
    out += arm.name + ": " + percent(eval::share_of(arm.right_before, arm.compared)) + " → " + percent(eval::share_of(arm.right_now, arm.compared)) +
           " right, of " + counted(arm.compared, "question") + " that both asked\n";
    out += listed("right before and not now", arm.regressions) + listed("newly right", arm.newly_right) +
           listed("written otherwise by now, not compared", arm.changed);
  }
  return out;
}

}  // namespace

std::string eval_text(const eval::Report& report, const eval::Comparison* against, const Terminal& terminal) {
  return arms_text(report, terminal) + reliability_text(report, terminal) + missed_text(report, terminal) +
         (against == nullptr ? "" : against_text(*against));
}

}  // namespace sluice
