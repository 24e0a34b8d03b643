#include "plan/queries.h"

namespace sluice::plan {

const CheckedQuery* Queries::find(const std::shared_ptr<const SpecDraft>& query) const {
  const auto found = checked_.find(query.get());
  return found == checked_.end() ? nullptr : &found->second;
}

Result<const CheckedQuery*> Queries::check(const std::shared_ptr<const SpecDraft>& query, const std::vector<std::string>& taken) {
  if (query == nullptr) return Error{ErrorKind::input, "E0905", "a query inside the spec is missing", "write it under \"query\"", 0};
  if (const CheckedQuery* known = find(query)) return known;
  if (depth_ == kQueryDepthMax)
    return Error{ErrorKind::input, "E0905", "queries are nested more than " + std::to_string(kQueryDepthMax) + " deep", "split the spec", 0};
  SpecDraft draft = *query;
  ++depth_;
  auto result = check_draft(draft, *this, taken);
  --depth_;
  TRY(CheckedDraft checked, std::move(result));
  // Without a limit the order of rows that another query reads says nothing.
  if (!draft.limit && !draft.offset) draft.order_by.clear();
  CheckedQuery out{std::make_shared<const SpecDraft>(std::move(draft)), std::move(checked.columns), checked.one_row, 0};
  out.parts = parts(out.draft->select);
  for (const Combine& one : out.draft->combine) out.parts += parts(one.select);
  for (const OrderKey& key : out.draft->order_by) out.parts += parts(key.value);
  if (out.parts > kPartsMax)
    return Error{ErrorKind::input, "E0905", "a query inside the spec has more than " + std::to_string(kPartsMax) + " parts", "split the spec", 0};
  const SpecDraft* key = out.draft.get();
  return &checked_.emplace(key, std::move(out)).first->second;
}

std::int64_t Queries::parts(const Expr& expr) const {
  std::int64_t out = 1;
  const auto add_query = [&](const std::shared_ptr<const SpecDraft>& query) {
    if (const CheckedQuery* known = find(query)) out += known->parts;
  };
  if (const auto* call = std::get_if<Call>(&expr.node)) {
    for (const Expr& arg : call->args) out += parts(arg);
  } else if (const auto* exists = std::get_if<Exists>(&expr.node)) {
    for (const JoinKey& key : exists->on) out += parts(key.value);
    add_query(exists->query);
  } else if (const auto* scalar = std::get_if<Scalar>(&expr.node)) {
    add_query(scalar->query);
  }
  return out;
}

std::int64_t Queries::parts(const Select& select) const {
  std::int64_t out = 1;
  const auto add_source = [&](const Source& source) {
    ++out;
    if (const CheckedQuery* known = find(source.query)) out += known->parts;
  };
  add_source(select.from);
  for (const Join& join : select.joins) {
    add_source(join.source);
    out += 2 * static_cast<std::int64_t>(join.on.size());
  }
  for (const auto& condition : {&select.where, &select.having, &select.keep})
    if (*condition) out += parts(**condition);
  for (const Expr& key : select.group_by) out += parts(key);
  for (const Named& one : select.columns) out += parts(one.value);
  for (const Window& window : select.windows) {
    for (const Expr& arg : window.args) out += parts(arg);
    for (const Expr& key : window.partition_by) out += parts(key);
    for (const OrderKey& key : window.order_by) out += parts(key.value);
  }
  return out;
}

}  // namespace sluice::plan
