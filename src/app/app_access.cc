#include <algorithm>

#include "app/app_inner.h"
#include "base/text.h"
#include "workflow/ports/journal_errors.h"

// The operations about who may do what: tokens, refusals, four eyes.
namespace sluice {
namespace {

constexpr const char* kLogIn = "log in";

/// Of those that somebody may see: the others are not there for them.
Error no_such_connection(const std::string& name, const std::vector<std::string>& seen) {
  const std::string hint = "GET /api/v1/connections shows what there is";
  if (seen.empty()) return {ErrorKind::not_found, "E0810", "there is no connection that you may look at", hint, 0};
  if (name.empty()) return {ErrorKind::not_found, "E0810", "none of your connections is the default", "say which: " + join(seen, ", "), 0};
  const std::string meant = nearest(name, seen);
  return {ErrorKind::not_found, "E0810",
          "there is no connection \"" + show_hidden(name, false) + "\"" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"), hint, 0};
}

Error one_pair_of_eyes(const ApprovalInfo& asked, const std::string& message) {
  return {ErrorKind::forbidden, "E1302", message,
          "somebody else approves it: sluice approvals approve " + asked.id.text + "; to refine or reject it, one pair of eyes is enough", 0};
}

}  // namespace

Result<TokenStore*> App::Inner::tokens() {
  TRY_VOID(workflows());
  if (token_store == nullptr) return Error::bug("this journal keeps no tokens");
  return token_store;
}

void App::Inner::note(const NewRefusal& refusal) {
  if (!workflows()) return;
  [[maybe_unused]] const auto noted = journal->note_refusal(refusal);
}

Result<AccessTo> App::Inner::subject_of(const RunId& run) {
  TRY_VOID(workflows());
  TRY(const RunInfo info, journal->run(run));
  AccessTo to{.connection = std::string(info.labels.text("connection")), .workflow = info.name, .run = run};
  if (info.imported.empty() && info.forked_from.empty()) return to;  // its label and its input were written as one
  // Labels are for lists: those of a copy say what whoever made it wanted. The input is what is carried out.
  TRY(const std::vector<EventInfo> first, journal->events(run, 0, 1));
  if (info.name == kAsk) to.connection = first.empty() ? "" : first.front().body["input"].text("connection");
  return to;
}

/// A fork carries on what others proposed in the runs that it comes from: who forks another's run does not become the one who asked.
Result<> App::Inner::check_four_eyes(const ApprovalInfo& asked, const std::string& by) {
  if (!config.approvals.four_eyes) return {};
  constexpr int kForksMax = 100;
  RunId id = asked.run_id;
  for (int n = 0; n < kForksMax; ++n) {
    const auto run = journal->run(id);
    if (!run && n == 0) return run.error();
    if (!run) return one_pair_of_eyes(asked, id.text + ", which this was forked from, is gone, so nobody can say who asked first");
    const std::string asker(run->labels.text("by"));
    if (asker.empty()) return one_pair_of_eyes(asked, "nobody knows who asked for " + id.text + ", so nobody can say that they are somebody else");
    if (equals_ignoring_case(asker, by))
      return one_pair_of_eyes(asked, show_hidden(by, false) + " asked for this, and nobody approves what they proposed themselves");
    TRY(const std::vector<ApprovalInfo> rounds, journal->approvals({.open_only = false, .run = id, .limit = kListMax}));
    const bool wrote = std::ranges::any_of(rounds, [&](const ApprovalInfo& round) {
      return round.status == ApprovalStatus::refined && !round.edited.empty() && equals_ignoring_case(round.decided_by, by);
    });
    if (wrote)
      return one_pair_of_eyes(asked, show_hidden(by, false) + " wrote SQL for this themselves, and nobody approves what they proposed themselves");
    if (run->forked_from.text.empty()) return {};
    id = run->forked_from;
  }
  return one_pair_of_eyes(asked, "it was forked too often to say who proposed it");
}

Result<> App::Inner::decide_by_other_eyes(const ApprovalInfo& asked, const std::string& by) {
  auto allowed = check_four_eyes(asked, by);
  if (allowed || allowed.error().code != "E1302") return allowed;
  AccessTo to{.run = asked.run_id};
  if (const auto known = subject_of(asked.run_id)) to = *known;
  note({.who = by,
        .deed = std::string(enum_name(Deed::decide)),
        .connection = to.connection,
        .workflow = to.workflow,
        .run = asked.run_id,
        .approval = asked.id,
        .why = "four eyes: " + allowed.error().message});
  return allowed;
}

Principal App::local() const { return local_principal(inner_->ports.person); }

Result<Principal> App::authenticate(std::string_view secret) {
  TRY(TokenStore * tokens, inner_->tokens());
  TRY(const ShownToken shown, look_at_token(*tokens, secret));
  if (!shown.why_not.empty()) {
    inner_->note({.who = shown.known ? std::string(kTokenPrefix) + shown.known->name : std::string(), .deed = kLogIn, .why = shown.why_not});
    return token_not_accepted();
  }
  const StoredToken& token = *shown.known;
  // What cannot be noted is no reason to turn somebody away.
  if (!token.used_at || *token.used_at <= tokens->now() - kTokenUsedMs) [[maybe_unused]]
    const auto noted = tokens->token_used(token.hash);
  return token_principal(inner_->config.server, token.name);
}

Result<Principal> App::logged_in(const LoggedIn& who) const { return session_principal(inner_->config.server, who.name, who.groups); }

Result<Principal> App::log_in(const LoggedIn& who) {
  TRY(Principal principal, logged_in(who));
  TRY(TokenStore * tokens, inner_->tokens());
  // Nobody gets in unseen: what cannot be noted is no login. Of the groups, those that count here.
  std::vector<std::string> counting;
  for (const std::string& group : who.groups) {
    const auto grants = [&](const AccessConfig& access) { return access.who == std::string(kGroupPrefix) + group; };
    if (std::ranges::any_of(inner_->config.server.access, grants)) counting.push_back(group);
  }
  TRY_VOID(tokens->note_login(principal.name, counting));
  return principal;
}

Result<Principal> App::log_in(std::string_view secret) {
  TRY(Principal principal, authenticate(secret));
  TRY(TokenStore * tokens, inner_->tokens());
  TRY_VOID(tokens->note_login(principal.name, {}));
  return principal;
}

Result<> App::check(const Principal& who, Deed deed, const AccessTo& to) {
  auto allowed = may(who, deed, to.connection, to.workflow);
  if (allowed) return {};
  const std::optional<Role> role = role_of(who, to.connection, to.workflow);
  inner_->note({.who = who.name,
                .deed = std::string(enum_name(deed)),
                .connection = to.connection,
                .workflow = to.workflow,
                .run = to.run,
                .approval = to.approval,
                .why = "takes the role " + std::string(enum_name(least_role(deed))) + ", has " + std::string(role ? enum_name(*role) : "none")});
  return allowed;
}

Result<> App::check(const Principal& who, Deed deed, const RunId& run) {
  TRY(const AccessTo to, inner_->subject_of(run));
  return check(who, deed, to);
}

Result<> App::check(const Principal& who, Deed deed, const ApprovalInfo& approval) {
  auto to = inner_->subject_of(approval.run_id);
  if (!to && to.error().kind != ErrorKind::not_found) return std::move(to).error();
  // An approval is kept longer than its run: then nobody knows what it was about, and it takes a grant of all.
  AccessTo about = to ? *std::move(to) : AccessTo{.run = approval.run_id};
  about.approval = approval.id;
  return check(who, deed, about);
}

Result<AccessTo> App::permit(const Principal& who, Deed deed, const RunId& run) {
  TRY(AccessTo about, inner_->subject_of(run));
  if (!check(who, Deed::look, about)) return run_not_found(run);
  if (deed != Deed::look) TRY_VOID(check(who, deed, about));
  return about;
}

Result<PermittedApproval> App::permit(const Principal& who, Deed deed, const ApprovalId& id) {
  TRY(ApprovalInfo found, approval(id));
  auto of_run = inner_->subject_of(found.run_id);
  if (!of_run && of_run.error().kind != ErrorKind::not_found) return std::move(of_run).error();
  AccessTo about = of_run ? *std::move(of_run) : AccessTo{.run = found.run_id};
  about.approval = id;
  if (!check(who, Deed::look, about)) return approval_not_found(id.text);
  if (deed != Deed::look) TRY_VOID(check(who, deed, about));
  return PermittedApproval{std::move(found), std::move(about)};
}

Result<const ConnectionConfig*> App::permit_connection(const Principal& who, Deed deed, const std::string& name) {
  const std::string& wanted = name.empty() ? inner_->config.default_connection : name;
  std::vector<std::string> seen;
  for (const ConnectionConfig& connection : inner_->config.connections) {
    const AccessTo to{.connection = connection.name, .workflow = kAsk};
    const bool meant = connection.name == wanted;
    const bool may_look = bool(may(who, Deed::look, to.connection, to.workflow));
    if (may_look) seen.push_back(connection.name);
    if (meant && may_look && deed != Deed::look) TRY_VOID(check(who, deed, to));
    if (meant && may_look) return &connection;
    if (meant) [[maybe_unused]]
      const auto noted = check(who, deed, to);
  }
  return no_such_connection(name, seen);
}

Result<> App::may_approve(const Principal& who, const ApprovalInfo& approval) {
  TRY_VOID(inner_->workflows());
  return inner_->check_four_eyes(approval, who.name);
}

void App::note_refusal(const std::string& who, const std::string& deed, const AccessTo& to, const std::string& why) {
  inner_->note({.who = who, .deed = deed, .connection = to.connection, .workflow = to.workflow, .run = to.run, .approval = to.approval, .why = why});
}

Result<NewToken> App::create_token(const std::string& name, std::optional<std::chrono::milliseconds> lives, const std::string& by) {
  TRY(TokenStore * tokens, inner_->tokens());
  return sluice::create_token(*tokens, name, lives, inner_->actor(by));
}

Result<std::vector<StoredToken>> App::tokens() {
  TRY(TokenStore * tokens, inner_->tokens());
  return tokens->tokens();
}

Result<StoredToken> App::revoke_token(const std::string& name, const std::string& by) {
  TRY(TokenStore * tokens, inner_->tokens());
  return tokens->revoke_token(name, inner_->actor(by));
}

}  // namespace sluice
