// Wires everything: the only place that names concrete adapters. What a command does not need is not opened.
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <mutex>

#include "agents/replay.h"
#include "app/chat.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "connectors/anthropic/client.h"
#include "connectors/duckdb/ast_source.h"
#include "connectors/duckdb/duckdb_engine.h"
#include "connectors/duckdb/library.h"
#include "connectors/duckdb/result_store.h"
#include "connectors/gemini/client.h"
#include "connectors/google_chat/client.h"
#include "connectors/model_http/prices.h"
#include "connectors/oidc/client.h"
#include "connectors/openai/client.h"
#include "connectors/postgres/postgres_engine.h"
#include "connectors/slack/client.h"
#include "journal/artifact_dir.h"
#include "journal/postgres_artifacts.h"
#include "journal/postgres_journal.h"
#include "journal/reply_dir.h"
#include "journal/sqlite_journal.h"
#include "journal/sqlite_ledger.h"
#include "net/address.h"
#include "net/http.h"
#include "net/origin.h"
#include "planner/planner.h"
#include "server/server.h"
#include "telemetry/telemetry.h"
#include "workflow/system_ports.h"

namespace sluice {
namespace {

/// Who sits here: "ada@workstation".
std::string person() {
  const passwd* entry = getpwuid(geteuid());  // NOLINT(concurrency-mt-unsafe): before threads start
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return std::string(entry != nullptr ? entry->pw_name : "uid-" + std::to_string(geteuid())) + "@" + host.data();
}

/// The date on the clock of whoever sits here (TZ), or the one that a person wants to be today: so that what was recorded on a day can be played
/// back.
std::string today() {
  if (const auto named = process_environment()("SLUICE_TODAY"); named && !named->empty()) return *named;
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 16> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%d", &local);
  return date.data();
}

DuckDbOptions duckdb_options(const LimitsConfig& limits) {
  DuckDbOptions options;
  options.memory_limit_bytes = limits.memory_bytes;
  options.threads = static_cast<int>(limits.threads);
  return options;
}

Result<std::unique_ptr<DataEngine>> open_engine(const ConnectionConfig& connection, const LimitsConfig& limits) {
  switch (connection.kind) {
    case ConnectionKind::postgres: {
      PostgresSource source{
          .sslmode = connection.sslmode, .sslrootcert = connection.sslrootcert, .role = connection.role, .search_path = connection.search_path};
      TRY(source.url, connection.url.reveal());
      TRY(source.replica_url, connection.replica_url.reveal());
      TRY(auto engine, open_postgres(connection.name, source));
      return std::unique_ptr<DataEngine>(std::move(engine));
    }
    case ConnectionKind::duckdb:
      return open_duckdb(connection.name, {.kind = DuckDbSource::Kind::database, .path = connection.path}, duckdb_options(limits));
    case ConnectionKind::sqlite:
      return open_duckdb(connection.name, {.kind = DuckDbSource::Kind::sqlite, .path = connection.path}, duckdb_options(limits));
    case ConnectionKind::files:
      return open_duckdb(connection.name, {.kind = DuckDbSource::Kind::files, .globs = connection.globs}, duckdb_options(limits));
  }
  return Error::bug("a connection of unknown kind");
}

constexpr std::chrono::seconds kProbeTimeout{30};

/// What answers at a connection, and how many tables it shows.
Result<std::string> probe(const ConnectionConfig& connection, std::stop_token stop) {
  TRY(const auto engine, open_engine(connection, {}));
  const Call call{std::chrono::steady_clock::now() + kProbeTimeout, std::move(stop)};
  TRY(const std::string what, engine->describe(call));
  TRY(const auto session, engine->open_read(call));
  TRY(const Catalog catalog, session->catalog({}));
  const auto tables = static_cast<std::int64_t>(catalog.tables.size());
  return what + (tables == 0 ? "; but there is no table that may be read" : ": " + counted(tables, "table"));
}

/// What a call costs: as the configuration says, else the list price. A model at this machine or network that wants no key is somebody's own, and
/// free; one that wants a key may be a gateway to what others are paid for.
std::optional<ModelPrice> price_of(const ModelConfig& config, const ModelInfo& info, const HttpOrigin& origin) {
  if (info.price) return info.price;
  if (auto known = known_price(info.provider, info.model)) return known;
  const bool near = origin.host == "localhost" || reach_of_text(origin.host).value_or(AddressReach::everywhere) != AddressReach::everywhere;
  return near && config.api_key.empty() ? std::optional(ModelPrice{}) : std::nullopt;
}

Result<ModelHttpOptions> http_options(const ModelConfig& config) {
  ModelHttpOptions options{.info = model_info(config)};
  TRY(options.base_url, revealed_base_url(config));
  TRY(const HttpOrigin origin, origin_of(options.base_url));
  options.info.price = price_of(config, options.info, origin);
  if (!config.api_key.empty()) options.api_key = [key = config.api_key] { return key.reveal(); };
  options.key_header = config.api_key_header;
  TRY(options.route.proxy, config.proxy.reveal());
  options.route.ca_file = config.ca_file;
  options.route.allow_private = config.allow_private;
  options.timeout = std::chrono::seconds(config.timeout_seconds);
  options.stream = config.stream;
  TRY(options.structured, decode<Structured>(encode(config.structured)));
  return options;
}

/// A model and, where replies are recorded or played back, the folder of the recordings.
class OpenModels {
 public:
  Result<std::unique_ptr<Model>> open(const ModelConfig& config) {
    const Environment environment = process_environment();
    TRY(ModelHttpOptions options, http_options(config));
    if (const auto folder = environment("SLUICE_MODEL_REPLAY"); folder && !folder->empty()) {
      TRY(ReplyStore * recordings, store(*folder));
      return std::make_unique<ReplayModel>(options.info, *recordings);
    }
    return connect(config.provider, std::move(options));
  }

  /// Providers that calls are kept from.
  std::vector<std::string> kept_from() const { return http_.kept_from(); }

 private:
  std::unique_ptr<Model> connect(ModelProvider provider, ModelHttpOptions options) {
    switch (provider) {
      case ModelProvider::anthropic: return make_anthropic(std::move(options), http_);
      case ModelProvider::gemini: return make_gemini(std::move(options), http_);
      case ModelProvider::openai: break;
    }
    return make_openai(std::move(options), http_);
  }

  /// One for all models, made on first use. Models are opened one at a time.
  Result<ReplyStore*> store(const std::string& folder) {
    if (!recordings_) {
      TRY(recordings_, ReplyDir::open(folder));
    }
    return recordings_.get();
  }

  HttpClient http_{};
  std::unique_ptr<ReplyStore> recordings_{};
};

/// The cache in the state folder, or the folder where a person wants replies recorded or played back from.
Result<std::unique_ptr<ReplyDir>> open_replies(const std::string& folder) {
  const Environment environment = process_environment();
  for (const char* variable : {"SLUICE_MODEL_REPLAY", "SLUICE_MODEL_RECORD"})
    if (const auto named = environment(variable); named && !named->empty()) return ReplyDir::open(*named);
  return ReplyDir::open_cache(folder);
}

/// The engines' parsers, made on first use.
class Parsers {
 public:
  Result<const Parser*> get(Dialect dialect) {
    const std::lock_guard lock(mutex_);
    if (dialect == Dialect::postgres) {
      if (!postgres_) postgres_ = make_postgres_parser();
      return postgres_.get();
    }
    if (!duckdb_) {
      TRY(source_, make_ast_source());
      duckdb_ = make_duckdb_parser(*source_);
    }
    return duckdb_.get();
  }

 private:
  std::mutex mutex_{};
  std::unique_ptr<AstSource> source_{};
  std::unique_ptr<Parser> postgres_{}, duckdb_{};
};

/// The folder for state, made on first use and closed to others: results may be confidential.
Result<> make_home(const std::string& home) {
  umask(S_IRWXG | S_IRWXO);  // journal, artifacts and results, wherever they are made
  std::error_code failure;
  const bool made = std::filesystem::create_directories(home, failure);
  if (!failure && made) std::filesystem::permissions(home, std::filesystem::perms::owner_all, failure);
  if (!failure) return {};
  return Error{ErrorKind::storage, "E0813", "the folder for runs and results, \"" + home + "\", cannot be made: " + failure.message(),
               "mend the permissions there, or set SLUICE_HOME to a folder that can be written", 0};
}

Result<PostgresJournalOptions> postgres_options(const Config& config, std::shared_ptr<PgOutage> outage) {
  PostgresJournalOptions options{.outage = std::move(outage)};
  TRY(options.url, config.journal.reveal());
  return options;
}

Result<std::unique_ptr<Journal>> open_journal(const Config& config, std::shared_ptr<PgOutage> outage) {
  TRY_VOID(make_home(config.home));
  if (!config.journal.empty()) {
    TRY(const PostgresJournalOptions options, postgres_options(config, std::move(outage)));
    TRY(auto journal, PostgresJournal::open(options));
    return std::unique_ptr<Journal>(std::move(journal));
  }
  TRY(auto journal, SqliteJournal::open(config.home + "/journal.db"));
  return std::unique_ptr<Journal>(std::move(journal));
}

Result<std::unique_ptr<Artifacts>> open_artifacts(const Config& config, std::shared_ptr<PgOutage> outage) {
  TRY_VOID(make_home(config.home));
  if (!config.journal.empty()) {
    TRY(const PostgresJournalOptions options, postgres_options(config, std::move(outage)));
    TRY(auto artifacts, PostgresArtifacts::open(options));
    return std::unique_ptr<Artifacts>(std::move(artifacts));
  }
  TRY(auto artifacts, ArtifactDir::open(config.home + "/artifacts"));
  return std::unique_ptr<Artifacts>(std::move(artifacts));
}

std::vector<std::pair<std::string, Result<std::string>>> installation() {
  return {{"DuckDB library", duckdb_version()}, {"PostgreSQL client library", libpq_version()}};
}

/// Where people log in, or null.
Result<std::unique_ptr<LoginProvider>> open_provider(const ServerConfig& server, HttpClient& http) {
  if (login_of(server) != Login::oidc) return std::unique_ptr<LoginProvider>();
  const OidcConfig& oidc = server.oidc;
  OidcOptions options{.issuer = oidc.issuer, .client_id = oidc.client_id, .scopes = oidc.scopes, .algorithms = {}, .name = oidc.name};
  if (!oidc.client_secret.empty()) options.client_secret = [secret = oidc.client_secret] { return secret.reveal(); };
  for (const std::string& name : oidc.algorithms) {
    TRY(const JwtAlgorithm algorithm, decode<JwtAlgorithm>(Json(name)));
    options.algorithms.push_back(algorithm);
  }
  options.groups_claim = oidc.groups_claim;
  options.wants_groups = std::ranges::any_of(server.access, [](const AccessConfig& access) { return access.who.starts_with(kGroupPrefix); });
  options.allowed_domains = oidc.allowed_domains;
  options.takes_unverified_email = oidc.takes_unverified_email;
  TRY(options.route.proxy, oidc.proxy.reveal());
  options.route.ca_file = oidc.ca_file;
  options.route.allow_private = oidc.allow_private;
  return make_oidc(std::move(options), http);
}

/// The server of `sluice serve`.
class ServedHere final : public Served {
 public:
  ServedHere(std::unique_ptr<HttpClient> http, std::unique_ptr<Chat> chat, std::unique_ptr<Server> server)
      : http_(std::move(http)), chat_(std::move(chat)), server_(std::move(server)) {}
  std::string url() const override { return server_->url(); }
  std::vector<std::string> warnings() const override { return server_->warnings(); }
  void stop(std::chrono::milliseconds grace) override {
    server_->stop(grace);
    if (chat_) chat_->stop();
  }

 private:
  std::unique_ptr<HttpClient> http_;  // each uses those before it
  std::unique_ptr<Chat> chat_;
  std::unique_ptr<Server> server_;
};

/// The channels that sluice.yaml sets up.
Result<std::vector<std::unique_ptr<Channel>>> open_channels(const ChatConfig& config, HttpClient& http) {
  std::vector<std::unique_ptr<Channel>> channels;
  if (config.slack) {
    const SlackConfig& slack = *config.slack;
    SlackOptions options{.bot_token = [secret = slack.bot_token] { return secret.reveal(); },
                         .signing_secret = [secret = slack.signing_secret] { return secret.reveal(); },
                         .channel = slack.channel,
                         .channels = slack.channels,
                         .api_url = slack.api_url,
                         .people_by_email = slack.people_by_email,
                         .now = [] { return std::int64_t{std::time(nullptr)}; }};
    TRY(auto channel, make_slack(std::move(options), http));
    channels.push_back(std::move(channel));
  }
  if (config.google) {
    const GoogleChatConfig& google = *config.google;
    GoogleChatOptions options{.audience = google.audience, .keys_url = google.keys_url, .people_by_email = google.people_by_email};
    options.now = [] { return std::int64_t{std::time(nullptr)}; };
    if (!google.webhook.empty()) options.webhook = [secret = google.webhook] { return secret.reveal(); };
    TRY(auto channel, make_google_chat(std::move(options), http));
    channels.push_back(std::move(channel));
  }
  return channels;
}

Result<std::unique_ptr<Chat>> open_chat(App& app, HttpClient& http) {
  TRY(auto channels, open_channels(app.config().chat, http));
  if (channels.empty()) return std::unique_ptr<Chat>();
  return Chat::open(app, std::move(channels));
}

/// Connections are open files: as many as the system lets this process have. A warning where those are not enough, else "".
std::string make_room(std::int64_t connections) {
  constexpr rlim_t kOtherFiles = 256;
  const rlim_t wanted = static_cast<rlim_t>(connections) + kOtherFiles;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted) return "";
  files.rlim_cur = std::min(files.rlim_max, wanted);
  setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur == wanted) return "";
  return "this process may have " + std::to_string(files.rlim_cur) + " files open, too few for " + std::to_string(connections) +
         " connections: raise the limit (ulimit -n, or systemd's LimitNOFILE), or lower `server: limits: connections`";
}

Result<std::unique_ptr<Served>> serve(App& app, const ServeRequest& request, std::stop_token stop) {
  ServerConfig config = app.config().server;
  if (!request.address.empty()) config.listen.host = request.address;
  if (request.port) config.listen.port = *request.port;
  TRY_VOID(check_access(config));
  ServerOptions options{.version = SLUICE_VERSION, .public_url = config.public_url};
  options.must_log_in = login_of(config) != Login::off;
  options.warnings = server_warnings(config);
  auto http = std::make_unique<HttpClient>();
  TRY(options.provider, open_provider(config, *http));
  options.http.address = config.listen.host == "localhost" ? "127.0.0.1" : config.listen.host;
  options.http.port = config.listen.port;
  options.http.certificate = config.certificate;
  options.http.key = config.key;
  options.http.trusts = [proxies = config.trusted_proxies](std::string_view address) {
    return std::ranges::any_of(proxies, [&](const AddressBlock& block) { return block.contains(address); });
  };
  HttpLimits& limits = options.http.limits;
  limits.connections = static_cast<int>(config.limits.connections);
  limits.connections_per_client = static_cast<int>(config.limits.connections_per_client);
  limits.requests_per_second = static_cast<double>(config.limits.requests_per_second);
  limits.burst = static_cast<double>(config.limits.burst);
  limits.body_bytes = static_cast<std::size_t>(config.limits.body_bytes);
  if (std::string few = make_room(config.limits.connections); !few.empty()) options.warnings.push_back(std::move(few));
  auto chat = open_chat(app, *http);
  if (!chat) options.warnings.push_back("nothing is sent to chats, and nothing taken from there: " + chat.error().message + ". " + chat.error().hint);
  std::unique_ptr<Chat> chats = chat ? *std::move(chat) : nullptr;
  options.chat = chats.get();
  TRY(auto server, Server::open(app, std::move(options), std::move(stop)));
  return std::unique_ptr<Served>(std::make_unique<ServedHere>(std::move(http), std::move(chats), std::move(server)));
}

/// Whether all of it was written without waiting for whoever reads a pipe, a terminal or a socket. A line longer than what a pipe has room for can be
/// cut; `cut` says so, and the next one begins on a line of its own.
bool write_now(int file, std::string_view text, bool& cut) {
  if (cut) {
    pollfd room{.fd = file, .events = POLLOUT, .revents = 0};
    if (poll(&room, 1, 0) != 1 || write(file, "\n", 1) != 1) return false;
    cut = false;
  }
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view part = rest.substr(0, PIPE_BUF);  // for so much there is room where poll says that there is any
    ssize_t written = send(file, part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (written < 0 && errno == ENOTSOCK) {
      pollfd room{.fd = file, .events = POLLOUT, .revents = 0};
      written = poll(&room, 1, 0) == 1 ? write(file, part.data(), part.size()) : -1;
    }
    if (written <= 0) {
      cut = rest.size() != text.size();
      return false;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Appends whole lines to a file that other processes append to as well, or to standard error. What cannot be written at once is lost, and counted:
/// the work goes on.
Result<std::function<bool(const std::string&)>> log_writer(const std::string& log) {
  if (log.empty()) return std::function<bool(const std::string&)>();
  int file = STDERR_FILENO;
  if (log != "stderr") {
    constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;
    file = ::open(log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kOwnerOnly);  // open until the process ends
    if (file < 0)
      return Error{ErrorKind::storage, "E0816", "the log \"" + log + "\" cannot be written: " + std::generic_category().message(errno),
                   "correct `telemetry.log` in sluice.yaml (or SLUICE_LOG), or its folder's permissions", 0};
  }
  return std::function<bool(const std::string&)>([file, cut = false](const std::string& line) mutable { return write_now(file, line, cut); });
}

/// Posts spans to the collector.
std::function<Result<>(const std::string&, std::stop_token)> span_sender(const TelemetryConfig& config) {
  if (config.traces.empty()) return {};
  static constexpr std::chrono::seconds kOneTry{5}, kAllTries{15};
  return [config, http = std::make_shared<HttpClient>()](const std::string& body, std::stop_token stop) -> Result<> {
    HttpJob job{.request = {.url = config.traces, .headers = {{"Content-Type", "application/json"}}, .body = body}};
    for (const auto& [name, value] : config.headers) {
      TRY(std::string revealed, value.reveal());
      job.request.headers.push_back({name, std::move(revealed)});
    }
    job.route.allow_private = true;  // collectors are near
    job.timeout = kOneTry;
    const Call call{std::chrono::steady_clock::now() + kAllTries, std::move(stop)};
    TRY_VOID(http->perform({&job, 1}, call).front());
    return {};
  };
}

Result<std::unique_ptr<Telemetry>> open_telemetry(const Config& config) {
  TelemetryOptions options{.level = config.telemetry.level, .send = span_sender(config.telemetry)};
  TRY(options.write, log_writer(config.telemetry.log));
  options.source = {.service = config.telemetry.service,
                    .version = SLUICE_VERSION,
                    .instance = person() + "/" + std::to_string(getpid()),
                    .environment = config.server.environment,
                    .attributes = config.telemetry.attributes};
  return std::make_unique<Telemetry>(std::move(options));
}

/// The place in a trace that whoever started this program is at (TRACEPARENT, as OpenTelemetry has it for programs).
Doing started_for() {
  const auto caller = parse_traceparent(process_environment()("TRACEPARENT").value_or(""));
  return caller ? Doing{.trace = *caller, .pass_on = true} : Doing{};
}

int run(int argc, const char* const* argv) {
  std::unique_ptr<Telemetry> telemetry;  // outlives all that tells it something
  const NowDoing doing(started_for());
  SystemClock clock;
  SystemRandom random;
  Parsers parsers;
  OpenModels models;
  std::unique_ptr<Proposer> planner;
  const auto outage = std::make_shared<PgOutage>(say);  // journal and large values are on the same server
  const auto open_app = [&]() -> Result<std::unique_ptr<App>> {
    std::error_code failure;
    TRY(Config config, load_config(std::filesystem::current_path(failure).string()));
    if (!planner) planner = make_planner();
    TRY(telemetry, open_telemetry(config));
    return std::make_unique<App>(std::move(config),
                                 AppPorts{.open_engine = open_engine,
                                          .open_journal = [&](const Config& of) { return open_journal(of, outage); },
                                          .open_artifacts = [&](const Config& of) { return open_artifacts(of, outage); },
                                          .stop_waiting = [&] { outage->stop_waiting(); },
                                          .open_results = [](const std::string& home) { return open_result_store(home + "/results"); },
                                          .open_ledger = [](const std::string& home) -> Result<std::unique_ptr<Ledger>> {
                                            TRY_VOID(make_home(home));
                                            TRY(auto ledger, SqliteLedger::open(home + "/journal.db"));
                                            return std::unique_ptr<Ledger>(std::move(ledger));
                                          },
                                          .open_replies = [](const std::string& folder) -> Result<std::unique_ptr<ReplyStore>> {
                                            TRY(auto replies, open_replies(folder));
                                            return std::unique_ptr<ReplyStore>(std::move(replies));
                                          },
                                          .parser = [&parsers](Dialect dialect) { return parsers.get(dialect); },
                                          .planner = *planner,
                                          .clock = clock,
                                          .random = random,
                                          .today = today,
                                          .person = person(),
                                          .open_model = [&models](const ModelConfig& model) { return models.open(model); },
                                          .tokens = [](Journal& journal) { return dynamic_cast<TokenStore*>(&journal); },
                                          .outbox = [](Journal& journal) { return dynamic_cast<Outbox*>(&journal); },
                                          .telemetry = telemetry.get(),
                                          .kept_from = [&models] { return models.kept_from(); }});
  };
  return run_cli(argc, argv, {.version = SLUICE_VERSION, .open_app = open_app, .probe = probe, .installation = installation, .serve = serve});
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) { return sluice::run(argc, argv); }
