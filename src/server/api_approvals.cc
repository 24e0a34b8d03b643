#include <algorithm>

#include "app/documents.h"
#include "approvals/card.h"
#include "base/text.h"
#include "server/api.h"

namespace sluice {
namespace {

/// By its whole id: E0106 also for what somebody may not even see.
Result<PermittedApproval> permitted(const Api& api, const ApiCall& call, Deed deed) {
  return api.app.permit(call.who, deed, ApprovalId{call.at("approval_id")});
}

ApiAnswer list_approvals(const Api& api, const ApiCall& call) {
  ApprovalFilter filter{.open_only = !call.query.flag("all"), .run = {call.text("run")}, .limit = call.number("limit") + 1};
  filter.sight = sight_of(call.who);
  if (const ApprovalId before{call.text("before")}; !before.empty()) {
    TRY_VOID(api.app.permit(call.who, Deed::look, before));
    filter.after = before;
  }
  TRY(std::vector<ApprovalInfo> found, api.app.approvals(filter));
  const bool more = std::ssize(found) >= filter.limit;
  if (more) found.pop_back();
  TRY(const std::vector<ApprovalInfo> open, api.app.approvals({.limit = kListMax, .sight = filter.sight}));
  Json approvals = Json::array();
  for (const ApprovalInfo& approval : found)
    approvals.push(approval_json(told(approval, Words::ours)));  // as live events have them, which are for all
  return json_response(Json::object()
                           .set("approvals", std::move(approvals))
                           .set("open", std::int64_t{std::ssize(open)})
                           .set("next", more ? Json(found.back().id.text) : Json()));
}

/// The version before this one that a person sent back, null where this is the first.
Result<Json> last_version(const Api& api, const ApprovalInfo& approval) {
  constexpr int kRoundsMax = 100;
  TRY(const std::vector<ApprovalInfo> all, api.app.approvals({.open_only = false, .run = approval.run_id, .limit = kRoundsMax}));
  const auto here = std::ranges::find(all, approval.id, &ApprovalInfo::id);
  if (here == all.end()) return Json();
  const auto sent_back = [](const ApprovalInfo& other) {
    return (other.status == ApprovalStatus::refined || other.status == ApprovalStatus::rejected) && !other.card.text("sql").empty();
  };
  const auto last = std::find_if(here + 1, all.end(), sent_back);  // newest first
  if (last == all.end()) return Json();
  return Json::object()
      .set("approval_id", last->id.text)
      .set("sql_lines", shown_sql(std::string(last->card.text("sql"))))
      .set("feedback", last->feedback)
      .set("decided_by", last->decided_by);
}

ApiAnswer show_approval(const Api& api, const ApiCall& call) {
  TRY(const PermittedApproval shown, permitted(api, call, Deed::look));
  const auto& [approval, about] = shown;
  auto allowed = may(call.who, Deed::decide, about.connection, about.workflow);
  if (allowed) allowed = api.app.may_approve(call.who, approval);
  Json viewers = Json::array();
  for (const std::string& person : api.feed.viewers(approval.id.text, call.who.name)) viewers.push(person);
  const bool open = approval.status == ApprovalStatus::open;
  TRY(Json last, last_version(api, approval));
  const Words words = words_for(call.who, about.connection, about.workflow);
  return json_response(
      approval_json(told(approval, words))
          .set("card", told_card(approval.card, words))
          .set("sql_lines", shown_sql(std::string(approval.card.text("sql"))))
          .set("last_version", std::move(last))
          .set("may_decide", open && allowed)
          .set("why_not", !open ? Json("it is " + std::string(enum_name(approval.status))) : Json(allowed ? "" : allowed.error().message))
          .set("viewers", std::move(viewers)));
}

/// Whether it was this very decision that was taken already: its answer was lost, and it came again.
bool is_repeated(const ApprovalInfo& approval, const DecisionInput& decision) {
  const auto status = [&] {
    switch (decision.action) {
      case DecisionAction::approve: return ApprovalStatus::approved;
      case DecisionAction::refine: return ApprovalStatus::refined;
      case DecisionAction::reject: return ApprovalStatus::rejected;
    }
    return ApprovalStatus::open;
  }();
  return approval.status == status && approval.decided_by == decision.decided_by && approval.feedback == decision.feedback &&
         approval.edited == decision.edited && approval.reason == decision.reason;
}

ApiAnswer decide(const Api& api, const ApiCall& call) {
  TRY(const PermittedApproval shown, permitted(api, call, Deed::decide));
  const ApprovalInfo& approval = shown.approval;
  DecisionInput decision{.feedback = std::string(call.body.text("feedback")),
                         .edited = std::string(call.body.text("edited")),
                         .reason = std::string(call.body.text("reason")),
                         .decided_by = call.who.name,
                         .expected_subject_hash = std::string(call.body.text("subject_hash"))};
  TRY(decision.action, decode<DecisionAction>(call.body["action"]));
  auto decided = api.app.decide(approval.id, decision);
  if (!decided && decided.error().code == "E0107") {
    TRY(const ApprovalInfo now, api.app.approval(approval.id));
    if (is_repeated(now, decision) && now.subject_hash == decision.expected_subject_hash) return json_response(approval_json(now));
  }
  if (!decided) return std::move(decided).error();
  return json_response(approval_json(*decided));
}

ApiAnswer choose(const Api& api, const ApiCall& call) {
  TRY(PermittedApproval shown, permitted(api, call, Deed::decide));
  ApprovalInfo& approval = shown.approval;
  approval.subject_hash = call.body.text("subject_hash");  // of what the person saw
  TRY(const ApprovalInfo decided, api.app.choose(approval, call.body.integer("number"), call.who.name));
  return json_response(approval_json(decided));
}

}  // namespace

std::vector<ApiRoute> approval_routes(const Api& api) {
  const ApiField subject{.name = "subject_hash",
                         .about = "of what was shown: refused where the approval is about something else",
                         .required = true,
                         .least = 1,
                         .most = 200};
  constexpr std::int64_t kTextMax = 16'000;
  return {
      {.method = "GET",
       .path = "/api/v1/approvals",
       .id = "listApprovals",
       .tag = "approvals",
       .about = "Approvals, newest first",
       .query = {{.name = "all", .about = "also those that are decided or expired", .type = ApiField::Type::boolean},
                 {.name = "run", .about = "only this run's"},
                 {.name = "before", .about = "`next` of the page before"},
                 {.name = "limit", .about = "how many at most", .type = ApiField::Type::integer, .least = 1, .most = kListMax - 1, .otherwise = 50}},
       .answers = "ApprovalPage",
       .handle = bound(api, list_approvals)},
      {.method = "GET",
       .path = "/api/v1/approvals/{approval_id}",
       .id = "showApproval",
       .tag = "approvals",
       .about = "An approval with its card",
       .answers = "Approval",
       .handle = bound(api, show_approval)},
      {.method = "POST",
       .path = "/api/v1/approvals/{approval_id}/decision",
       .id = "decide",
       .tag = "approvals",
       .about = "Decides, once",
       .body = {{.name = "action", .about = "what is decided", .required = true, .one_of = {"approve", "refine", "reject"}},
                subject,
                {.name = "feedback", .about = "refine: what should be different", .most = kTextMax},
                {.name = "edited", .about = "refine: SQL of one's own in the place of the proposed one", .most = 100'000},
                {.name = "reason", .about = "reject: why", .most = kTextMax}},
       .answers = "ApprovalSummary",
       .handle = bound(api, decide)},
      {.method = "POST",
       .path = "/api/v1/approvals/{approval_id}/choice",
       .id = "choose",
       .tag = "approvals",
       .about = "Answers what was asked back",
       .body = {{.name = "number", .about = "of the answer, from 1", .type = ApiField::Type::integer, .required = true, .least = 1, .most = 100},
                subject},
       .answers = "ApprovalSummary",
       .handle = bound(api, choose)},
  };
}

}  // namespace sluice
