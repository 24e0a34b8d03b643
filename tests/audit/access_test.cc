#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "agents/counting_ledger_for_test.h"
#include "audit_base.h"
#include "cli/cli.h"

// Who may do what, through every door, and what the audit chain says of it.
namespace sluice {
namespace {

class NoPlanner final : public Proposer {
 public:
  Result<Proposal> propose(const ProposalRequest&) override { return Error{ErrorKind::unanswerable, "E0600", "no planner here", "", 0}; }
};

struct Ran {
  int status = 0;
  std::string out{}, err{};
};

constexpr const char* kConfig = R"(
connections:
  shop: {kind: duckdb, path: shop.duckdb}
  crm: {kind: duckdb, path: crm.duckdb}
default: shop
approvals: {four_eyes: true}
server:
  access:
    - {who: "token:ci", role: approver, connections: [shop], workflows: [ask]}
    - {who: "token:low", role: viewer, connections: all, workflows: all}
    - {who: "token:all", role: operator, connections: all, workflows: all}
)";

class AccessTest : public AuditTest {
 protected:
  AccessTest() { app_ = *open_app(); }

  Result<std::unique_ptr<App>> open_app() {
    TRY(Config config, parse_config(four_eyes_ ? kConfig : "connections: {shop: {kind: duckdb, path: shop.duckdb}}", folder_.path("sluice.yaml")));
    config.home = folder_.path("");
    return std::make_unique<App>(std::move(config), AppPorts{.open_engine = {},
                                                             .open_journal = [this](const Config&) -> Result<std::unique_ptr<Journal>> {
                                                               TRY(auto journal,
                                                                   SqliteJournal::open(file_, {.now = [this] { return clock_.now(); }}));
                                                               return std::unique_ptr<Journal>(std::move(journal));
                                                             },
                                                             .open_artifacts = [this](const Config&) -> Result<std::unique_ptr<Artifacts>> {
                                                               TRY(auto artifacts, ArtifactDir::open(folder_.path("artifacts")));
                                                               return std::unique_ptr<Artifacts>(std::move(artifacts));
                                                             },
                                                             .open_results = {},
                                                             .open_ledger = [](const std::string&) -> Result<std::unique_ptr<Ledger>> {
                                                               return std::unique_ptr<Ledger>(std::make_unique<CountingLedger>());
                                                             },
                                                             .parser = {},
                                                             .planner = planner_,
                                                             .clock = clock_,
                                                             .random = random_,
                                                             .today = [] { return std::string("2013-01-31"); },
                                                             .person = "ada@desk",
                                                             .tokens = [](Journal& journal) { return dynamic_cast<TokenStore*>(&journal); }});
  }
  /// A run that waits for a yes, asked for by somebody.
  RunId asked_by(const std::string& who, const std::string& connection = "shop") {
    Json labels = Json::object().set("connection", connection).set("text", "why?");
    if (!who.empty()) labels.set("by", who);
    const auto state = engine_->run("w", Json("one"), {.labels = labels});
    EXPECT_TRUE(state) << state.error().message;
    return state ? state->run.id : RunId{};
  }
  ApprovalInfo open_of(const RunId& run) { return journal_->approvals({.open_only = false, .run = run})->front(); }
  ApprovalStatus status(const RunId& run) { return open_of(run).status; }
  Ran run(const std::vector<std::string>& given) {
    std::vector<const char*> words{"sluice"};
    for (const std::string& word : given) words.push_back(word.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = run_cli(static_cast<int>(words.size()), words.data(),
                               {.version = "test",
                                .open_app = [this] { return open_app(); },
                                .probe = {},
                                .installation = [] { return std::vector<std::pair<std::string, Result<std::string>>>(); }});
    return {status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
  }
  std::string decide(const RunId& of, DecisionAction action, const std::string& by) {
    const auto decided =
        app_->decide(approval_of(of), {.action = action, .feedback = action == DecisionAction::refine ? "again" : "", .decided_by = by});
    return decided ? std::string(enum_name(decided->status)) : decided.error().code;
  }
  std::string approve(const RunId& of, const std::string& by) { return decide(of, DecisionAction::approve, by); }
  /// The refusals in the chain, newest last.
  std::vector<AuditEntry> refusals() {
    std::vector<AuditEntry> found;
    const std::vector<AuditEntry> chain = *journal_->audit(1, kEventsMax);
    for (const AuditEntry& entry : chain)
      if (entry.kind == "refused") found.push_back(entry);
    return found;
  }
  template <class T>
  static std::string code(const Result<T>& result) {
    return result ? "ok" : result.error().code;
  }

  bool four_eyes_ = true;
  NoPlanner planner_{};
  std::unique_ptr<App> app_{};
};

TEST_F(AccessTest, NobodyApprovesTheirOwnProposalThroughAnyDoor) {
  const RunId run_id = asked_by("ada@desk");  // who sits here
  const ApprovalId id = approval_of(run_id);
  EXPECT_EQ(approve(run_id, "ada@desk"), "E1302") << "API";
  EXPECT_EQ(approve(run_id, "Ada@DESK"), "E1302") << "written otherwise";
  EXPECT_EQ(approve(run_id, ""), "E1302") << "whoever sits here";
  EXPECT_EQ(code(app_->decide(DecisionMessage{.thread_id = run_id.text, .action = DecisionAction::approve})), "E1302") << "a message, from here";
  EXPECT_EQ(code(app_->decide(DecisionMessage{.thread_id = run_id.text, .action = DecisionAction::approve}, "ada@desk")), "E1302")
      << "and from elsewhere";
  const Ran by_id = run({"approvals", "approve", id.text}), by_run = run({"approvals", "approve", run_id.text});
  for (const Ran& ran : {by_id, by_run}) {
    EXPECT_EQ(ran.status, 1) << "terminal";
    EXPECT_NE(ran.err.find("E1302"), std::string::npos) << ran.err;
  }
  std::ofstream(folder_.path("approval.json")) << R"({"thread_id": ")" << run_id.text << R"(", "action": "approve"})";
  const Ran by_file = run({"approvals", "send", folder_.path("approval.json")});
  EXPECT_EQ(by_file.status, 1) << "message file";
  EXPECT_NE(by_file.err.find("E1302"), std::string::npos) << by_file.err;
  EXPECT_EQ(status(run_id), ApprovalStatus::open);
  const auto noted = refusals();
  ASSERT_EQ(noted.size(), 8U);
  EXPECT_EQ(noted[0].run, run_id);
  EXPECT_EQ(noted[0].body.text("who"), "ada@desk");
  EXPECT_EQ(noted[0].body.text("deed"), "decide");
  EXPECT_EQ(noted[0].body.text("connection"), "shop");
  EXPECT_EQ(noted[0].body.text("approval_id"), id.text);
  EXPECT_TRUE(noted[0].body.text("why").starts_with("four eyes"));
  EXPECT_EQ(approve(run_id, "token:ci"), "approved") << "somebody else";
  EXPECT_EQ(open_of(run_id).decided_by, "token:ci");
  EXPECT_EQ(approve(run_id, "ada@desk"), "E0107") << "what is decided is no matter of eyes any more";
  EXPECT_EQ(refusals().size(), 8U);
  EXPECT_TRUE(check().sound());
}

TEST_F(AccessTest, OnesOwnProposalMayBeRefinedAndRejected) {
  EXPECT_EQ(decide(asked_by("ada@desk"), DecisionAction::reject, "ada@desk"), "rejected");
  EXPECT_EQ(decide(asked_by("ada@desk"), DecisionAction::refine, "ada@desk"), "refined");
  EXPECT_TRUE(refusals().empty());
}

TEST_F(AccessTest, WhoWroteTheSqlOrIsNotKnownCountsAsTheOneWhoAsked) {
  // A workflow with a second round: the first is refined with a person's own text.
  engine_->add<std::string, std::string>("rounds", "1", [](Context& run, const std::string& in) -> Result<std::string> {
    for (int n = 0; n < 2; ++n) {
      Context round = run.scope("round", n);
      TRY(auto decision, round.wait_for_approval("may it", Order{in + std::to_string(n)}, {.timeout = std::chrono::hours(1)}));
      if (decision.approved) return std::string("yes");
    }
    return std::string("no");
  });
  const auto state = engine_->run("rounds", Json("one"), {.labels = Json::object().set("by", "ada@desk")});
  ASSERT_TRUE(state) << state.error().message;
  const RunId rounds = state->run.id;
  ASSERT_TRUE(app_->decide(approval_of(rounds), {.action = DecisionAction::refine, .edited = "SELECT 2", .decided_by = "bob@desk"}));
  ASSERT_TRUE(engine_->drive(rounds));
  EXPECT_EQ(status(rounds), ApprovalStatus::open);
  EXPECT_EQ(approve(rounds, "bob@desk"), "E1302") << "it is his SQL";
  EXPECT_EQ(approve(rounds, "ada@desk"), "E1302") << "it is her question";
  EXPECT_EQ(code(app_->may_approve({.name = "bob@desk"}, open_of(rounds))), "E1302");
  EXPECT_EQ(refusals().size(), 2U) << "to ask beforehand is no attempt";
  EXPECT_EQ(approve(rounds, "eve@desk"), "approved");

  const RunId nobodys = asked_by("");
  EXPECT_EQ(approve(nobodys, "eve@desk"), "E1302") << "nobody knows that she is somebody else";
}

TEST_F(AccessTest, WithoutFourEyesOnePairIsEnough) {
  four_eyes_ = false;
  app_ = *open_app();
  EXPECT_EQ(approve(asked_by("ada@desk"), "ada@desk"), "approved");
}

TEST_F(AccessTest, ARoleCountsForItsConnectionAndIsLookedUpInTheRun) {
  const RunId shop = asked_by("x", "shop"), crm = asked_by("x", "crm");
  Principal ci = token_principal(app_->config().server, "ci"), low = token_principal(app_->config().server, "low");
  ci.grants.front().workflows = {.names = {"w"}};
  EXPECT_TRUE(app_->check(ci, Deed::decide, open_of(shop)));
  EXPECT_EQ(code(app_->check(ci, Deed::decide, open_of(crm))), "E1301") << "another connection";
  EXPECT_EQ(code(app_->check(ci, Deed::operate, shop)), "E1301") << "too low";
  EXPECT_EQ(code(app_->check(low, Deed::decide, open_of(shop))), "E1301");
  EXPECT_TRUE(app_->check(low, Deed::look, crm));
  EXPECT_EQ(code(app_->check(low, Deed::see_rows, crm)), "E1301");
  EXPECT_EQ(code(app_->check(low, Deed::look, RunId{"r-none"})), "E0102");
  EXPECT_EQ(code(app_->check(ci, Deed::look, {.connection = "", .workflow = ""})), "E1301");
  EXPECT_TRUE(app_->check(app_->local(), Deed::administer, AccessTo{}));
  const auto noted = refusals();
  ASSERT_EQ(noted.size(), 5U);
  EXPECT_EQ(noted[0].body.text("who"), "token:ci");
  EXPECT_EQ(noted[0].body.text("connection"), "crm");
  EXPECT_EQ(noted[0].body.text("workflow"), "w");
  EXPECT_EQ(noted[0].run, crm);
  EXPECT_EQ(noted[0].body.text("approval_id"), approval_of(crm).text);
  EXPECT_EQ(noted[0].body.text("why"), "takes the role approver, has none");
  EXPECT_EQ(noted[2].body.text("why"), "takes the role approver, has viewer");
  EXPECT_TRUE(check().sound());
}

TEST_F(AccessTest, ALabelDoesNotSayWhatAnAskReads) {
  const auto queued = app_->enqueue({.connection = "crm", .sql = "SELECT 1", .by = "token:all"}, {});
  ASSERT_TRUE(queued) << queued.error().message;
  EXPECT_EQ(journal_->run(queued->run)->labels.text("by"), "token:all") << "who asks is in the record";
  RunCopy copy{.run = *journal_->run(queued->run), .events = *journal_->events(queued->run), .approvals = {}};
  copy.run.id = copy.run.root = {"r-copy"};
  copy.run.labels.set("connection", "shop");
  ASSERT_TRUE(journal_->import_run(copy, "eve"));
  const Principal ci = token_principal(app_->config().server, "ci");
  EXPECT_EQ(code(app_->check(ci, Deed::look, RunId{"r-copy"})), "E1301") << "its input is about crm, whatever its label says";
  const auto own = app_->enqueue({.connection = "shop", .sql = "SELECT 1"}, {});
  ASSERT_TRUE(own);
  EXPECT_TRUE(app_->check(ci, Deed::look, own->run));
  const auto listed = app_->runs({.sight = sight_of(ci)});
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->runs.size(), 1U);
  EXPECT_EQ(listed->runs.front().run.id, own->run) << "lists go by what is permitted";
  EXPECT_EQ(journal_->run(own->run)->labels.text("by"), "ada@desk");
}

TEST_F(AccessTest, WhoActsIsInTheRecord) {
  const RunId run_id = asked_by("x");
  ASSERT_TRUE(app_->signal(run_id, "topic", Json(1), "m-1", "token:all"));
  ASSERT_TRUE(app_->signal(run_id, "topic", Json(1), "m-2"));
  const auto inbox = *journal_->inbox(run_id);
  ASSERT_EQ(inbox.size(), 2U);
  EXPECT_EQ(inbox[0].sender, "token:all");
  EXPECT_EQ(inbox[1].sender, "ada@desk");
  const auto queued = app_->enqueue({.connection = "shop", .sql = "SELECT 1"}, {});
  ASSERT_TRUE(queued);
  const auto cancelled = app_->cancel(queued->run, "enough", "token:all");
  ASSERT_TRUE(cancelled) << cancelled.error().message;
  EXPECT_EQ(journal_->events(queued->run)->back().body.text("by"), "token:all");
}

TEST_F(AccessTest, ATokenThatDoesNotCountIsRefusedInOneWay) {
  const NewToken good = *app_->create_token("ci", {}), brief = *app_->create_token("brief", std::chrono::hours(1));
  const NewToken revoked = *app_->create_token("gone", {});
  const auto ci = app_->authenticate(good.secret);
  ASSERT_TRUE(ci) << ci.error().message;
  EXPECT_EQ(ci->name, "token:ci");
  EXPECT_EQ(ci->how, SignedIn::token);
  EXPECT_TRUE(may(*ci, Deed::decide, "shop", "ask"));
  EXPECT_FALSE(may(*ci, Deed::decide, "crm", "ask"));
  EXPECT_TRUE(app_->authenticate(brief.secret)->grants.empty()) << "a token that nobody granted anything may nothing";
  clock_.pass(std::chrono::hours(1));
  ASSERT_TRUE(app_->revoke_token("gone"));
  std::string forged = good.secret;
  forged.back() = forged.back() == 'A' ? 'E' : 'A';
  const std::vector<std::string> shown{brief.secret, revoked.secret, forged, "", "slu_", "Bearer " + good.secret, good.stored.hash};
  for (const std::string& secret : shown) EXPECT_EQ(app_->authenticate(secret).error(), token_not_accepted()) << secret;
  std::vector<std::string> notes;
  for (const AuditEntry& entry : refusals()) notes.push_back(std::string(entry.body.text("who")) + ": " + std::string(entry.body.text("why")));
  EXPECT_EQ(notes, (std::vector<std::string>{"token:brief: the token has expired", "token:gone: the token is revoked", ": no such token",
                                             ": what was shown is no token", ": what was shown is no token", ": what was shown is no token",
                                             ": what was shown is no token"}));
  EXPECT_TRUE(app_->authenticate(good.secret)) << "the others change nothing for it";
  EXPECT_TRUE(check().sound());
}

TEST_F(AccessTest, WhatWasShownIsKeptNowhere) {
  const NewToken token = *app_->create_token("ci", {});
  ASSERT_TRUE(app_->authenticate(token.secret));
  ASSERT_FALSE(app_->authenticate(token.secret + "x"));
  ASSERT_TRUE(app_->revoke_token("ci"));
  ASSERT_FALSE(app_->authenticate(token.secret));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path(""))) {
    if (!entry.is_regular_file()) continue;
    std::ostringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    EXPECT_EQ(bytes.str().find(token.secret.substr(4)), std::string::npos) << entry.path();
  }
}

TEST_F(AccessTest, AStrangersFloodDoesNotFillTheChain) {
  for (int n = 0; n < 100; ++n) ASSERT_FALSE(app_->authenticate("slu_" + std::string(40, 'A') + std::to_string(100 + n)));
  EXPECT_EQ(refusals().size(), std::size_t{kRefusalsNoted}) << "all strangers together are one";
  EXPECT_GT(refusals().back().body.integer("no_more_until"), 0);
}

TEST_F(AccessTest, TokensComeAndGoInTheTerminal) {
  const Ran made = run({"tokens", "create", "ci", "--expires", "90d"});
  EXPECT_EQ(made.status, 0) << made.err;
  ASSERT_EQ(made.out.size(), kTokenSize + 1) << made.out;
  const std::string secret = made.out.substr(0, kTokenSize);
  EXPECT_TRUE(app_->authenticate(secret));
  EXPECT_EQ(made.err.find("may do nothing yet"), std::string::npos) << made.err;
  EXPECT_NE(run({"tokens", "create", "unheard"}).err.find("may do nothing yet"), std::string::npos);
  const Ran again = run({"tokens", "create", "ci"});
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.err.find("E1304"), std::string::npos) << again.err;
  EXPECT_NE(run({"tokens", "create", "C I"}).err.find("E1306"), std::string::npos);
  EXPECT_EQ(run({"tokens", "create", "x", "--expires", "soon"}).status, 2);
  const Ran list = run({"tokens", "list", "--output", "json"});
  const auto tokens = Json::parse(list.out);
  ASSERT_TRUE(tokens) << list.out;
  ASSERT_EQ(tokens->size(), 2U);
  EXPECT_EQ(tokens->as_array()->at(1).text("name"), "ci");
  EXPECT_EQ(tokens->as_array()->at(1).text("created_by"), "ada@desk");
  for (const Ran& ran : {list, run({"tokens", "list"}), run({"audit", "export"})})
    EXPECT_EQ((ran.out + ran.err).find(secret.substr(4)), std::string::npos);
  EXPECT_EQ(run({"tokens", "revoke", "ci"}).status, 0);
  EXPECT_EQ(code(app_->authenticate(secret)), "E1303");
  EXPECT_NE(run({"tokens", "revoke", "ci"}).err.find("E1305"), std::string::npos);
  const Ran verified = run({"audit", "verify"});
  EXPECT_EQ(verified.status, 0) << verified.err;
  EXPECT_NE(verified.out.find("1 refusal"), std::string::npos) << verified.out;
  EXPECT_NE(run({"audit", "export"}).out.find(R"("kind":"refused")"), std::string::npos);
}

}  // namespace
}  // namespace sluice
