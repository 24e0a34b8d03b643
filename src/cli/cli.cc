#include "cli/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/usage.h"

namespace sluice {
namespace {

/// What the command line chose to do; set by the callback of the subcommand that was named.
using Action = std::function<int(Session&)>;

/// The words that may follow each command, as shell `case` arms: generated from the command tree, so that it is never out of date.
void completion_arms(const CLI::App& app, const std::string& path, std::string& out) {  // NOLINT(misc-no-recursion): as deep as the tree
  std::string words;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) words += sub->get_name() + " ";
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  out += "    \"" + path + "\") words=\"" + words + "\" ;;\n";
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) completion_arms(*sub, path + " " + sub->get_name(), out);
}

std::string completion_script(const CLI::App& root, const std::string& shell) {
  std::string arms;
  completion_arms(root, "sluice", arms);
  const std::string function =
      "_sluice() {\n  local path=sluice word words=\n  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case $word in -*) ;; *) path=\"$path $word\" ;; esac\n  done\n  case $path in\n" +
      arms + "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -o default -F _sluice sluice\n";
  return shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" + function : function;
}

class CommandLine {
 public:
  CommandLine() : root_("Agentic data engineering: models propose, engines prove, people approve.", "sluice") {
    root_.require_subcommand(0, 1);
    root_.set_version_flag("--version,-V", [this] { return version; }, "Show the version");
    root_.failure_message(CLI::FailureMessage::simple);
    root_.get_formatter()->column_width(34);
    root_.footer("Start with `sluice init NAME --duckdb FILE`, then `sluice ask \"…\"`. Exit status: 0 fine, 1 a handled error, 2 wrong usage.");
    asking();
    approving();
    running();
    working();
    serving();
    looking();
    spending();
    evaluating();
    auditing();
    letting_in();
    CLI::App* completion = command(&root_, "completion", "Print a completion script: eval \"$(sluice completion bash)\"");
    completion->add_option("SHELL", shell_, "bash or zsh")->required();
    act(completion, [this](Session& session) {
      static const std::vector<std::string> kShells{"bash", "zsh"};
      if (std::find(kShells.begin(), kShells.end(), shell_) == kShells.end()) return report_usage(session, not_a_value("SHELL", shell_, kShells));
      return print_text(completion_script(root_, shell_));
    });
  }

  std::string version{};
  Action action{};
  CLI::App& root() { return root_; }

  /// What --output says, also where the rest of the command line is wrong.
  Result<OutputFormat> output() const {
    const CLI::Option* given = named_command(root_).get_option_no_throw("--output");
    if (given == nullptr) return output_of(root_.remaining(true));
    if (given->count() == 0) return OutputFormat::table;
    return option_value<OutputFormat>("--output", to_lower(given->results().back()));
  }

 private:
  CLI::App* command(CLI::App* parent, const std::string& name, const std::string& about) {
    CLI::App* sub = parent->add_subcommand(name, about);
    sub->add_option("--output,-o", output_, "table, json, csv or jsonl")->option_text("FORMAT");
    return sub;
  }
  /// What -o says where the command that would have it is not known.
  static OutputFormat output_of(const std::vector<std::string>& words) {
    for (std::size_t n = 0; n < words.size(); ++n) {
      const bool alone = words[n] == "-o" || words[n] == "--output";
      const std::size_t mark = words[n].starts_with("--output=") ? words[n].find('=') + 1 : words[n].size();
      const std::string value = alone && n + 1 < words.size() ? words[n + 1] : words[n].substr(mark);
      if (const auto format = option_value<OutputFormat>("--output", to_lower(value)); format) return *format;
    }
    return OutputFormat::table;
  }
  CLI::App* group(const std::string& name, const std::string& about) {
    CLI::App* sub = root_.add_subcommand(name, about);
    sub->require_subcommand(1);
    return sub;
  }
  void act(CLI::App* sub, Action what) {
    sub->callback([this, what = std::move(what)] { action = what; });
  }
  void on(CLI::App* sub) {
    sub->add_option("--on", connection_, "the connection; by default the first one in sluice.yaml")->option_text("CONNECTION");
  }

  void asking() {
    CLI::App* ask = command(&root_, "ask", "Ask a question in plain language");
    ask->add_option("QUESTION", ask_.text, "the question")->required();
    CLI::App* query = command(&root_, "query", "Run your own SQL through the same proof, approval and limits");
    query->add_option("SQL", ask_.text, "one statement that reads")->required();
    for (CLI::App* sub : {ask, query}) {
      on(sub);
      sub->add_option("--approve", ask_.approve, "ask: a person decides; policy: the policy in sluice.yaml may")->option_text("ask|policy");
      sub->add_option("--approval-timeout", ask_.approval_timeout, "how long to wait for a decision (90s, 30m, 2h, 1d)")->option_text("DURATION");
      act(sub, [this, sub, query](Session& session) {
        ask_.is_sql = sub == query;
        ask_.connection = connection_;
        return run_ask(session, ask_);
      });
    }
    for (CLI::App* sub : {ask, query}) {
      sub->add_option("--queue", ask_.queue, "only record it: a worker of this queue works on it (docs/worker.md)")->option_text("NAME");
      sub->add_option("--priority", ask_.priority, "with --queue: the lower number goes first, -1000 to 1000")->option_text("N");
      sub->add_option("--dedup-key", ask_.dedup_key, "with --queue: the same key and question again is the same run")->option_text("KEY");
    }
    ask->add_option("--model", ask_.model, "the model in sluice.yaml to ask; by default the one of agents.ask")->option_text("NAME");
    ask->add_flag("--no-model", ask_.no_model, "the built-in planner alone");
    ask->add_flag("--no-fast-path", ask_.no_fast_path, "the model at once, without the built-in planner before it");
    ask->add_flag("--no-cache", ask_.no_cache, "models answer anew: no reply that an earlier run got is used again");
    CLI::App* prove = command(&root_, "prove", "The proof alone: every check with its outcome");
    prove->add_option("SQL", ask_.text, "the statement")->required();
    on(prove);
    act(prove, [this](Session& session) { return run_prove(session, ask_.text, connection_); });
  }

  void approving() {
    CLI::App* approvals = group("approvals", "What waits for a decision, and deciding");
    CLI::App* list = command(approvals, "list", "Open approvals");
    list->add_flag("--all", approvals_.all, "decided ones too");
    list->add_option("--before", approvals_.before, "only those older than this approval: the next page")->option_text("ID");
    page_size(list);
    act(list,
        [this](Session& session) { return with_page_size(session, approvals_.limit, [&] { return run_approvals_list(session, approvals_); }); });
    CLI::App* show = command(approvals, "show", "The card: what would run, its proof and estimate");
    show->add_option("ID", id_, "an approval's or a run's id")->required();
    act(show, [this](Session& session) { return run_approvals_show(session, id_); });
    decision(approvals, "approve", "Say yes to exactly what the card shows", DecisionAction::approve);
    CLI::App* refine = decision(approvals, "refine", "Ask for a changed proposal", DecisionAction::refine);
    refine->add_option("--feedback,TEXT", decision_.feedback, "what should be different")->option_text("TEXT");
    refine->add_option("--sql", decision_.edited, "your own SQL instead")->option_text("SQL");
    decision(approvals, "reject", "Say no", DecisionAction::reject);
    CLI::App* choose = command(approvals, "choose", "Answer what was asked back");
    choose->add_option("ID", id_, "an approval's or a run's id")->required();
    choose->add_option("NUMBER", number_, "of the answer, as `sluice approvals show ID` lists them")->required();
    act(choose, [this](Session& session) { return choose_answer(session); });
    CLI::App* send = command(approvals, "send", "Decide by a file: {\"thread_id\", \"action\", \"feedback\"}");
    send->add_option("FILE", id_, "the JSON file, or - for standard input")->required();
    act(send, [this](Session& session) { return run_approvals_send(session, id_); });
  }
  CLI::App* decision(CLI::App* parent, const std::string& name, const std::string& about, DecisionAction what) {
    CLI::App* sub = command(parent, name, about);
    sub->add_option("ID", id_, "an approval's or a run's id")->required();
    sub->add_option("--reason", decision_.reason, "why, for the record")->option_text("TEXT");
    act(sub, [this, what](Session& session) {
      if (!decision_.edited.empty() && !decision_.feedback.empty())
        return report_usage(session, wrong_usage("--feedback and --sql are both there", "say what should be different, or give your own SQL"));
      decision_.action = what;
      return run_approvals_decide(session, id_, decision_);
    });
    return sub;
  }

  void running() {
    CLI::App* runs = group("runs", "Everything that was asked, and what became of it");
    CLI::App* list = command(runs, "list", "Newest first");
    list->add_option("--status", runs_.status, "answered, waiting, failed, …: only those")->option_text("STATUS");
    list->add_option("--workflow", runs_.workflow, "only runs of this workflow")->option_text("NAME");
    list->add_option("--connection,--on", runs_.connection, "only those about this connection")->option_text("CONNECTION");
    list->add_option("--text", runs_.text, "only those whose question has these words in it")->option_text("TEXT");
    list->add_option("--since", runs_.since, "asked since then: 7d, 2026-01-31, 2026-01-31T08:30:00Z")->option_text("WHEN");
    list->add_option("--until", runs_.until, "asked before then")->option_text("WHEN");
    list->add_option("--queue", runs_.queue, "only those of this queue")->option_text("NAME");
    list->add_option("--before", runs_.before, "only those older than this run: the next page")->option_text("ID");
    page_size(list);
    act(list, [this](Session& session) { return with_page_size(session, runs_.limit, [&] { return run_runs_list(session, runs_); }); });
    struct Verb {
      const char *name, *about;
      int (*run)(Session&, const std::string&);
    };
    CLI::App* look = command(runs, "show", "Question, proposal, proof, decision and result of a run");
    look->add_option("ID", id_, "the run's id")->required();
    look->add_flag("--prompts", prompts_, "every model call instead: prompt, reply, tokens, price, latency");
    look->add_option("--at", at_, "as it was right after this step (as `runs events` shows it, or an event's number)")->option_text("STEP");
    act(look, [this](Session& session) { return show_run(session); });
    for (const Verb& verb : {Verb{"events", "The run's journal, event by event", run_runs_events},
                             Verb{"resume", "Go on with a run after a decision, a crash or a pause", run_runs_resume}}) {
      CLI::App* sub = command(runs, verb.name, verb.about);
      sub->add_option("ID", id_, "the run's id")->required();
      act(sub, [this, run = verb.run](Session& session) { return run(session, id_); });
    }
    CLI::App* cancel = command(runs, "cancel", "End a run; what it was about to do will not happen");
    cancel->add_option("ID", id_, "the run's id")->required();
    cancel->add_option("--reason", reason_, "why, for the record")->option_text("TEXT");
    act(cancel, [this](Session& session) { return run_runs_cancel(session, id_, reason_); });
    CLI::App* signal = command(runs, "signal", "Send a run a message that it waits for");
    signal->add_option("ID", id_, "the run's id")->required();
    signal->add_option("TOPIC", topic_, "what it is about")->required();
    signal->add_option("--data", data_, "the message, as JSON")->option_text("JSON");
    signal->add_option("--id", message_id_, "of the message: the same one again is no second message")->option_text("MESSAGE");
    act(signal, [this](Session& session) { return run_runs_signal(session, id_, topic_, data_, message_id_); });
    travelling(runs);
    keeping(runs);
  }

  void keeping(CLI::App* runs) {
    CLI::App* prune = command(runs, "prune", "Delete what ended long ago, and the files that only it needed");
    prune->add_option("--older-than", prune_.older_than, "runs that ended longer ago (90d)")->option_text("DURATION")->required();
    prune->add_option("--approvals-older-than", prune_.approvals_older_than, "of these, approvals decided longer ago; by default 1y")
        ->option_text("DURATION");
    prune->add_flag("--dry-run", prune_.dry, "only say how much it is");
    act(prune, [this](Session& session) { return run_runs_prune(session, prune_); });
    CLI::App* preflight = command(runs, "preflight", "Whether this release could go on with the runs that have not ended; exit 1 where not");
    preflight->add_option("ID", ids_, "only these runs");
    act(preflight, [this](Session& session) { return run_runs_preflight(session, ids_); });
  }

  void auditing() {
    CLI::App* audit = group("audit", "The chain of all decisions and effects");
    CLI::App* verify = command(audit, "verify", "Find what was edited, deleted, moved or cut off; exit 1 where something was");
    verify->add_option("--anchor", audit_.file, "a file of anchors: the chain has to be the one that they noted")->option_text("FILE");
    act(verify, [this](Session& session) { return run_audit_verify(session, audit_); });
    CLI::App* anchor = command(audit, "anchor", "Note in a file where the chain ends now; keep it where the journal's writers cannot write");
    anchor->add_option("FILE", audit_.file, "the file that gets one more line")->required();
    act(anchor, [this](Session& session) { return run_audit_anchor(session, audit_); });
    CLI::App* out = command(audit, "export", "The chain as lines of JSON, which can be verified by themselves: docs/audit.md");
    out->add_option("FILE", audit_.file, "where to; by default standard output");
    out->add_option("--since", audit_.since, "only the newest (24h, 30d)")->option_text("DURATION");
    act(out, [this](Session& session) { return run_audit_export(session, audit_); });
  }

  void letting_in() {
    CLI::App* tokens = group("tokens", "By which programs and people show the server who they are: docs/access.md");
    CLI::App* create = command(tokens, "create", "Make one; what it may, `server.access` in sluice.yaml says");
    create->add_option("NAME", id_, "what to call it there: token:NAME")->required();
    create->add_option("--expires", expires_, "after this it is not accepted (90d, 1y); by default it does not expire")->option_text("DURATION");
    act(create, [this](Session& session) { return run_tokens_create(session, id_, expires_); });
    act(command(tokens, "list", "Names, and when they were made, expire and were used"), [](Session& session) { return run_tokens_list(session); });
    CLI::App* revoke = command(tokens, "revoke", "End one, at once and for good");
    revoke->add_option("NAME", id_, "the token's name")->required();
    act(revoke, [this](Session& session) { return run_tokens_revoke(session, id_); });
    CLI::App* chat = group("chat", "Approvals in Slack and Google Chat: docs/chat.md");
    CLI::App* test = command(chat, "test", "Send a few words to every channel that is set up; `sluice serve` sends them");
    test->add_option("WORDS", id_, "other words than \"Sluice reaches this channel.\"");
    act(test, [this](Session& session) { return run_chat_test(session, id_); });
  }

  void travelling(CLI::App* runs) {
    CLI::App* diff = command(runs, "diff", "Where two runs differ, step by step; exit 0 same, 1 different, 2 trouble");
    diff->add_option("A", id_, "a run's id")->required();
    diff->add_option("B", other_, "the id of the run to compare it with")->required();
    act(diff, [this](Session& session) { return run_runs_diff(session, id_, other_); });
    CLI::App* fork = command(runs, "fork", "A new run with a part of another one's history, and its own approvals");
    fork->add_option("ID", fork_.run, "the run's id")->required();
    fork->add_option("--from", fork_.from, "the first step to do anew")->option_text("STEP");
    fork->add_option("--set", fork_.set, "another proposal in the place of the step's; @file reads it")->option_text("STEP=VALUE");
    fork->add_flag("--no-wait", fork_.no_wait, "only begin it; `sluice runs resume` goes on");
    act(fork, [this](Session& session) { return run_runs_fork(session, fork_); });
    CLI::App* export_run = command(runs, "export", "A run and all that it refers to, as one file: docs/time-travel.md");
    export_run->add_option("ID", id_, "the run's id")->required();
    export_run->add_option("FILE", file_, "the file to write")->required();
    act(export_run, [this](Session& session) { return run_runs_export(session, id_, file_); });
    CLI::App* import_run = command(runs, "import", "Take in an exported run, to look at and to fork");
    import_run->add_option("FILE", file_, "the file that `sluice runs export` wrote")->required();
    act(import_run, [this](Session& session) { return run_runs_import(session, file_); });
  }

  int show_run(Session& session) {
    if (prompts_ && !at_.empty()) return report_usage(session, wrong_usage("--prompts and --at are both there", "leave one of them out"));
    if (!at_.empty()) return run_runs_show_at(session, id_, at_);
    return prompts_ ? run_runs_prompts(session, id_) : run_runs_show(session, id_);
  }

  void working() {
    CLI::App* worker = command(&root_, "worker", "Work on what is due in the queues, until told to end");
    worker->add_option("--queues,--queue", worker_.queues, "only these, in this order; by default those of sluice.yaml")->option_text("NAME,NAME");
    worker->add_option("--concurrency", worker_.concurrency, "runs at once, at most " + std::to_string(kWorkerConcurrencyMax))->option_text("N");
    worker->add_option("--drain", worker_.drain, "how long runs may go on after Ctrl-C or SIGTERM (30s, 5m)")->option_text("DURATION");
    worker->add_flag("--until-idle", worker_.until_idle, "end when nothing is left that is due");
    act(worker, [this, worker](Session& session) {
      worker_.some_queues = worker->get_option("--queues")->count() > 0;
      return run_worker(session, worker_);
    });
  }

  void serving() {
    CLI::App* serve = command(&root_, "serve", "The pages and the API, and a worker beside them, until told to end");
    serve->add_option("--listen", serve_.listen, "address and port; by default 127.0.0.1:8080, which only this machine reaches")
        ->option_text("HOST:PORT");
    serve->add_flag("--no-worker", serve_.no_worker, "other processes work on what is due: sluice worker");
    act(serve, [this](Session& session) { return run_serve(session, serve_); });
  }

  /// The whole number from 1 to `most` that the text is.
  static std::optional<int> number_of(const std::string& text, int most) {
    int number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool fine = failure == std::errc() && end == text.data() + text.size() && number >= 1 && number <= most;
    return fine ? std::optional(number) : std::nullopt;
  }

  int choose_answer(Session& session) {
    constexpr int kNumberMax = 1000;  // how many answers there really are, the question says
    const auto number = number_of(number_, kNumberMax);
    if (number) return run_approvals_choose(session, id_, *number);
    return report_usage(session, wrong_usage("NUMBER cannot be \"" + show_hidden(number_, false) + "\"",
                                             "give the number of an answer, as `sluice approvals show ID` lists them"));
  }

  void page_size(CLI::App* list) { list->add_option("--limit", limit_, "how many, at most " + std::to_string(kListMax))->option_text("N"); }
  int with_page_size(Session& session, int& size, const std::function<int()>& list) {
    const auto limit = number_of(limit_, kListMax);
    if (!limit)
      return report_usage(
          session, wrong_usage("--limit cannot be \"" + show_hidden(limit_, false) + "\"", "use a number from 1 to " + std::to_string(kListMax)));
    size = *limit;
    return list();
  }

  void spending() {
    CLI::App* costs = command(&root_, "costs", "What model calls cost");
    costs->add_option("--since", since_, "how far back (90m, 24h, 7d)")->option_text("DURATION");
    costs->add_option("--by", by_, "workflow, model or day")->option_text("WHAT");
    act(costs, [this](Session& session) { return run_costs(session, since_, by_); });
    CLI::App* examples = group("examples", "Approved questions that models are shown as examples");
    CLI::App* list = command(examples, "list", "Newest first");
    on(list);
    act(list, [this](Session& session) { return run_examples_list(session, connection_); });
    CLI::App* forget = command(examples, "forget", "Show it to models no longer; the run stays");
    forget->add_option("ID", id_, "the approval's id, as the list shows it")->required();
    on(forget);
    act(forget, [this](Session& session) { return run_examples_forget(session, connection_, id_); });
  }

  void evaluating() {
    CLI::App* eval = command(&root_, "eval", "Ask questions with known answers, and count the right ones");
    eval->add_option("QUESTIONS", eval_.request.path, "a YAML or CSV file of questions: docs/eval.md")->required();
    on(eval);
    eval->add_option("--arms", eval_.request.arms, "who answers, side by side: built-in, a model's name, no-tools, MODEL+no-tools")
        ->option_text("ARM,ARM");
    eval->add_option("--jobs", jobs_, "questions at once, at most " + std::to_string(kEvalJobsMax))->option_text("N");
    eval->add_option("--limit", eval_limit_, "only the first so many questions")->option_text("N");
    eval->add_option("--only", only_, "only the questions with these ids")->option_text("ID,ID");
    eval->add_flag("--no-cache", eval_.request.fresh, "models answer anew: no reply that an earlier run got is used again");
    eval->add_option("--against", eval_.against, "a former report: exit 1 where a question was right and is not")->option_text("FILE");
    eval->add_option("--save", eval_.save, "keep the report, to compare with later")->option_text("FILE");
    act(eval, [this](Session& session) { return evaluate(session); });
  }

  int evaluate(Session& session) {
    constexpr int kLimitMax = 10'000;
    const auto jobs = number_of(jobs_, static_cast<int>(kEvalJobsMax));
    if (!jobs)
      return report_usage(
          session, wrong_usage("--jobs cannot be \"" + show_hidden(jobs_, false) + "\"", "use a number from 1 to " + std::to_string(kEvalJobsMax)));
    const auto limit = eval_limit_.empty() ? std::optional(0) : number_of(eval_limit_, kLimitMax);
    if (!limit)
      return report_usage(session, wrong_usage("--limit cannot be \"" + show_hidden(eval_limit_, false) + "\"",
                                               "use a number from 1 to " + std::to_string(kLimitMax)));
    eval_.request.connection = connection_;
    eval_.request.jobs = static_cast<std::size_t>(*jobs);
    eval_.request.limit = static_cast<std::size_t>(*limit);
    for (const std::string_view id : split(only_, ','))
      if (!trim(id).empty()) eval_.request.only.emplace_back(trim(id));
    return run_eval(session, eval_);
  }

  void looking() {
    CLI::App* init = command(&root_, "init", "Add a connection to ./sluice.yaml");
    init->add_option("NAME", init_.name, "what to call it")->required();
    const std::vector<CLI::Option*> places{
        init->add_option("--duckdb", init_.duckdb, "a DuckDB database file")->option_text("FILE"),
        init->add_option("--postgres", init_.postgres, "postgresql://user@host/database")->option_text("URL"),
        init->add_option("--files", init_.files, "CSV, Parquet or JSON files, a pattern each")->option_text("PATTERN…"),
        init->add_option("--sqlite", init_.sqlite, "an SQLite database file")->option_text("FILE"),
        init->add_option("--dbt-profile", init_.dbt_profile, "a profile of dbt's profiles.yml")->option_text("PROFILE")};
    for (CLI::Option* place : places) place->group("One of");
    init->add_option("--replica", init_.replica, "with --postgres: a read replica to query instead")->option_text("URL");
    init->add_option("--dbt-target", init_.dbt_target, "with --dbt-profile: the target, by default the profile's own")->option_text("TARGET");
    init->add_flag("--force", init_.force, "write it even if it cannot be reached");
    act(init, [this, places](Session& session) {
      const auto given = std::count_if(places.begin(), places.end(), [](const CLI::Option* place) { return place->count() > 0; });
      if (given == 1) return run_init(session, init_);
      return report_usage(session, wrong_usage(given == 0 ? "`sluice init` was not told where the data is" : "`sluice init` was told several places",
                                               "give one of --duckdb, --postgres, --files, --sqlite and --dbt-profile"));
    });

    CLI::App* catalog = group("catalog", "What a connection holds");
    CLI::App* show = command(catalog, "show", "Tables, or one table's columns and keys");
    show->add_option("TABLE", id_, "a table");
    on(show);
    act(show, [this](Session& session) { return run_catalog_show(session, id_, connection_); });
    CLI::App* profile = command(catalog, "profile", "What a table's columns hold, by its first rows");
    profile->add_option("TABLE", id_, "a table")->required();
    on(profile);
    act(profile, [this](Session& session) { return run_catalog_profile(session, id_, connection_); });

    CLI::App* connections = group("connections", "The connections in sluice.yaml");
    act(command(connections, "list", "Names, kinds and places"), [](Session& session) { return run_connections_list(session); });
    CLI::App* test = command(connections, "test", "Reach them and say what answers");
    test->add_option("NAME", connection_, "only this one");
    act(test, [this](Session& session) { return run_connections_test(session, connection_); });
    CLI::App* models = group("models", "The language models in sluice.yaml");
    act(command(models, "list", "Names, providers, limits, prices, keys, and who asks them"),
        [](Session& session) { return run_models_list(session); });
    CLI::App* ask_model = command(models, "test", "Ask them for a small reply in JSON; costs next to nothing");
    ask_model->add_option("NAME", id_, "only this one");
    act(ask_model, [this](Session& session) { return run_models_test(session, id_); });
    act(command(&root_, "doctor", "What is installed, configured and reachable, and what to do about it"),
        [](Session& session) { return run_doctor(session); });
  }

  CLI::App root_;
  AskOptions ask_{};
  InitOptions init_{};
  EvalOptions eval_{};
  AuditOptions audit_{};
  PruneOptions prune_{};
  std::vector<std::string> ids_{};
  RunListOptions runs_{};
  ApprovalListOptions approvals_{};
  ForkOptions fork_{};
  WorkerCommand worker_{};
  ServeCommand serve_{};
  DecisionInput decision_{};
  std::string output_{}, connection_{}, id_{}, other_{}, at_{}, file_{}, reason_{}, shell_{}, number_{},
      limit_ = "50", jobs_ = "4", eval_limit_{}, only_{}, topic_{}, data_ = "null", message_id_{}, expires_{};
  bool prompts_ = false;
  std::string since_ = "7d", by_ = "workflow";
};

}  // namespace

int run_cli(int argc, const char* const* argv, const CliPorts& ports) {
  CommandLine line;
  line.version = "sluice " + ports.version;
  std::optional<Error> wrong;
  std::ostringstream help;
  try {
    line.root().parse(argc, argv);
  } catch (const CLI::Success& success) {
    line.root().exit(success, help, help);
    return print_text(help.str());
  } catch (const CLI::ParseError& failure) {
    wrong = usage_error(line.root(), failure);
  }
  const Terminal terminal = detect_terminal();
  const Interrupts interrupts;
  const auto output = line.output();
  Session session{ports, terminal, output ? *output : OutputFormat::table, interrupts.token(), interrupts.hurry()};
  if (wrong) return report_usage(session, *wrong);
  if (!output) return report_usage(session, output.error());
  if (line.action) return line.action(session);
  print_text(line.root().help());
  return kExitUsage;
}

}  // namespace sluice
