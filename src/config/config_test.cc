#include "config/config.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "config/add_connection.h"
#include "config/dbt_profile.h"
#include "config/yaml.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

Environment table(std::map<std::string, std::string> values = {}) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

Result<Config> parse(const std::string& text, std::map<std::string, std::string> variables = {}) {
  return parse_config(text, "/project/sluice.yaml", table(std::move(variables)));
}

void expect_no_secret(const Error& error) {
  for (const std::string secret : {"hunter2", "s3cr3t"})
    EXPECT_EQ((error.message + error.hint).find(secret), std::string::npos) << error.message << error.hint;
}

class Folder : public ::testing::Test {
 protected:
  Folder() {
    char pattern[] = "/tmp/sluice-config-XXXXXX";
    path = fs::canonical(mkdtemp(pattern)).string();
  }
  ~Folder() override { fs::remove_all(path); }
  std::string write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(path + "/" + name).parent_path());
    std::ofstream(path + "/" + name, std::ios::binary) << text;
    return path + "/" + name;
  }
  static std::string read(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  std::string path;
};

constexpr const char* kFull = R"(# ours
default: crm
connections:
  shop: {kind: duckdb, path: data/shop.duckdb}
  crm:
    kind: postgres
    url: postgresql://reader:${CRM_PASSWORD}@db.example.org/crm
    replica_url: secret://env/CRM_REPLICA
    sslmode: require
    sslrootcert: ca.pem
    role: analyst
    search_path: [sales, public]
  logs: {kind: files, files: ['logs/*.csv', /abs/x.parquet]}
  old: {kind: sqlite, path: "${DATA:-/data}/old.sqlite"}
approvals:
  auto: {reads: true, max_bytes: 100MB}
  timeout: 30m
limits: {rows_max: 5000, bytes_max: 1.5 GB, scan_rows_max: 10, scan_bytes_max: 1TiB, seconds: 2m, memory: 512MiB, threads: 2}
)";

TEST(Config, ReadsEveryKey) {
  auto config = parse(kFull);
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->connections.size(), 4U);
  EXPECT_EQ(config->connections[0].path, "/project/data/shop.duckdb");
  const ConnectionConfig& crm = config->connections[1];
  EXPECT_EQ(crm.name, "crm");
  EXPECT_EQ(crm.kind, ConnectionKind::postgres);
  EXPECT_EQ(crm.url.masked(), "postgresql://reader:***@db.example.org/crm");
  EXPECT_EQ(crm.sslmode, "require");
  EXPECT_EQ(crm.sslrootcert, "/project/ca.pem");
  EXPECT_EQ(crm.role, "analyst");
  EXPECT_EQ(crm.search_path, (std::vector<std::string>{"sales", "public"}));
  EXPECT_EQ(config->connections[2].globs, (std::vector<std::string>{"/project/logs/*.csv", "/abs/x.parquet"}));
  EXPECT_EQ(config->connections[3].path, "/data/old.sqlite");
  EXPECT_TRUE(config->approvals.auto_reads);
  EXPECT_EQ(config->approvals.auto_max_bytes, 100'000'000);
  EXPECT_EQ(config->approvals.timeout_seconds, 1800);
  EXPECT_EQ(config->limits, (LimitsConfig{5000, 1'500'000'000, 10, 1LL << 40, 120, 512LL << 20, 2}));
  EXPECT_EQ(config->default_connection, "crm");
  EXPECT_EQ(config->home, "/project/.sluice");
}

TEST(Config, EmptyFilesAndDefaults) {
  for (const char* text : {"", "# nothing\n", "connections:\n", "{}"}) {
    auto config = parse(text);
    ASSERT_TRUE(config) << text << config.error().message;
    EXPECT_EQ(config->limits, LimitsConfig{});
    EXPECT_EQ(config->default_connection, "");
  }
  EXPECT_EQ(parse("connections: {a: {kind: duckdb, path: x}}")->default_connection, "a");
  EXPECT_EQ(parse("connections: {a: {kind: duckdb, path: x}, b: {kind: duckdb, path: y}}")->default_connection, "");
}

TEST(Config, RefusesWhatIsWrongAndSaysWhere) {
  struct Case {
    std::string text, code, words;
  };
  std::string deep, bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n", many = "connections:\n";
  for (int i = 0; i < 100; ++i) deep += '[';
  for (char c = 'b'; c < 'k'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i == 0 ? "" : ",") + "*" + static_cast<char>(c - 1);
    bomb += "]\n";
  }
  for (int i = 0; i < 501; ++i) many += "  c" + std::to_string(i) + ": {kind: duckdb, path: x}\n";
  const std::vector<Case> cases{
      {"conections: {}", "E0702", "line 1: there is no key \"conections\" in sluice.yaml; did you mean \"connections\"?"},
      {"connections:\n  a:\n    kind: duckdb\n    pth: x", "E0702", "line 4: there is no key \"pth\" in connection \"a\"; did you mean \"path\"?"},
      {"connections:\n  a:\n    kind: postgres\n    passwrd: hunter2\n    url: x", "E0702", "no key \"passwrd\""},
      {"connections:\n\ta: 1", "E0701", "line 2"},
      {"a: [1, 2", "E0701", "not valid YAML"},
      {"a: 'hunter2", "E0701", "not valid YAML"},
      {"- a\n- b", "E0703", "sluice.yaml has to be a map"},
      {"hunter2", "E0703", "has to be a map"},
      {"connections: [a]", "E0703", "connections has to be a map"},
      {"connections: {a: 1}", "E0703", "connection \"a\" has to be a map"},
      {"connections: {a: {kind: postgress, url: x}}", "E0703", "did you mean \"postgres\"?"},
      {"connections: {a: {path: x}}", "E0704", "lacks \"kind\""},
      {"connections: {a: {kind: duckdb}}", "E0704", "of kind duckdb and lacks \"path\""},
      {"connections: {a: {kind: postgres}}", "E0704", "lacks \"url\""},
      {"connections: {a: {kind: files, files: []}}", "E0703", "files has to be a pattern"},
      {"connections: {a: {kind: postgres, url: [hunter2]}}", "E0703", "url has to be a text"},
      {"connections: {a: {kind: duckdb, path: x}}\nconnections: {}", "E0706", "line 2: \"connections\" is there twice"},
      {"default: shp\nconnections: {shop: {kind: duckdb, path: x}}", "E0707", "did you mean \"shop\"?"},
      {"limits: {rows_max: many}", "E0703", "rows_max is not a whole number"},
      {"limits: {rows_max: -1}", "E0703", "rows_max is not a whole number"},
      {"limits: {rows_max: 0}", "E0703", "can't be 0"},
      {"limits: {rows_max: 99999999999999999999}", "E0703", "not a whole number"},
      {"limits: {bytes_max: 5 bananas}", "E0705", "bytes_max"},
      {"limits: {seconds: 20y}", "E0705", "seconds"},
      {"approvals: {auto: {reads: 'yes'}}", "E0703", "reads has to be true or false"},
      {"approvals: {auto: true}", "E0703", "approvals.auto has to be a map"},
      {"connections: {a: {kind: duckdb, path: '${NOPE}'}}", "E0711", "path: the variable NOPE is not set"},
      {"connections: {a: {kind: duckdb, path: '${hunter2 x}'}}", "E0710", "does not name a variable"},
      {"connections: {a: {kind: postgres, url: 'postgresql://u:${hunter2@h'}}", "E0710", "not closed"},
      {"connections: {a: {kind: postgres, url: 'secret://vault/hunter2'}}", "E0710", "of this kind"},
      {deep, "E0701", ""},
      {bomb, "E0701", "aliases make it too large"},
      {many, "E0703", "at most 500"},
      {"a: *nope", "E0701", "not valid YAML"},
      {"a: &a [*a]", "E0701", "refers to itself"},
      {std::string(1 << 20, '#'), "E0701", "larger than"},
      {std::string("a: \0b", 5), "E0701", "not UTF-8"},
      {"a: \xff\xfe", "E0701", "not UTF-8"},
      {"a: 1\n---\nb: 2\n", "E0701", "more than one"},
      {"? [a, b]\n: c", "E0701", "a key has to be a name"},
  };
  for (const Case& c : cases) {
    auto config = parse(c.text);
    ASSERT_FALSE(config) << c.text.substr(0, 200);
    EXPECT_EQ(config.error().code, c.code) << c.text.substr(0, 200) << "\n" << config.error().message;
    EXPECT_NE(config.error().message.find(c.words), std::string::npos) << config.error().message;
    EXPECT_FALSE(config.error().hint.empty()) << config.error().message;
    expect_no_secret(config.error());
  }
}

TEST(Config, VariablesOverrideTheFile) {
  auto config = parse(kFull, {{"SLUICE_CONNECTION", "shop"},
                              {"SLUICE_HOME", "/elsewhere"},
                              {"SLUICE_LIMITS_ROWS_MAX", "7"},
                              {"SLUICE_LIMITS_MEMORY", "2GB"},
                              {"SLUICE_APPROVALS_TIMEOUT", "90s"},
                              {"SLUICE_LIMITS_SECONDS", ""}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->default_connection, "shop");
  EXPECT_EQ(config->home, "/elsewhere");
  EXPECT_EQ(config->limits.rows_max, 7);
  EXPECT_EQ(config->limits.memory_bytes, 2'000'000'000);
  EXPECT_EQ(config->limits.seconds, 120);
  EXPECT_EQ(config->approvals.timeout_seconds, 90);
  EXPECT_EQ(parse(kFull, {{"SLUICE_LIMITS_ROWS_MAX", "x"}}).error().code, "E0708");
  EXPECT_EQ(parse(kFull, {{"SLUICE_LIMITS_ROWS_MAX", "0"}}).error().code, "E0708");
  EXPECT_EQ(parse(kFull, {{"SLUICE_CONNECTION", "shopp"}}).error().code, "E0707");
}

TEST(SecretText, RevealsLateAndNeverShows) {
  struct Case {
    std::string text, revealed, masked;
  };
  const std::map<std::string, std::string> variables{
      {"PW", "p@ss/w:rd%"}, {"URL", "postgresql://u:hunter2@h/d"}, {"HOST", "db.local"}, {"EMPTY", ""}};
  const std::vector<Case> cases{
      {"postgresql://u:${PW}@h/d", "postgresql://u:p%40ss%2Fw%3Ard%25@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:hunter2@h/d", "postgresql://u:hunter2@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:hun@ter2@h/d", "postgresql://u:hun@ter2@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u:hun/ter2@h/d", "postgresql://u:hun/ter2@h/d", "postgresql://u:***@h/d"},
      {"postgresql://u@${HOST}/d", "postgresql://u@db.local/d", "postgresql://u@${HOST}/d"},
      {"${URL}", "postgresql://u:hunter2@h/d", "${URL}"},
      {"secret://env/URL", "postgresql://u:hunter2@h/d", "${URL}"},
      {"postgresql://u:${EMPTY:-hunter2}@h/d", "postgresql://u:hunter2@h/d", "postgresql://u:***@h/d"},
      {"postgresql://h/d?user=u&password=hunter2&x=1", "postgresql://h/d?user=u&password=hunter2&x=1", "postgresql://h/d?user=u&password=***&x=1"},
      {"host=h password='hunter2 x' dbname=d", "host=h password='hunter2 x' dbname=d", "host=h password=*** dbname=d"},
      {"host=h password = hunter2 dbname=d", "host=h password = hunter2 dbname=d", "host=h password = *** dbname=d"},
      {"a$${b}", "a${b}", "a${b}"},
  };
  for (const Case& c : cases) {
    auto secret = SecretText::parse_url(c.text);
    ASSERT_TRUE(secret) << c.text;
    auto revealed = secret->reveal(table(variables));
    ASSERT_TRUE(revealed) << revealed.error().message;
    EXPECT_EQ(*revealed, c.revealed) << c.text;
    EXPECT_EQ(secret->masked(), c.masked) << c.text;
    EXPECT_EQ(SecretText::parse_url(secret->written())->written(), secret->written());
  }
  const auto unset = SecretText::parse_url("postgresql://u:${NOPE}@h/d")->reveal(table());
  ASSERT_FALSE(unset);
  EXPECT_EQ(unset.error().code, "E0711");
  EXPECT_TRUE(SecretText::parse_url("postgresql://u:hunter2@h/d")->has_literal_password());
  EXPECT_TRUE(SecretText::parse_url("postgresql://h/d?password=hunter2")->has_literal_password());
  EXPECT_FALSE(SecretText::parse_url("postgresql://u:${PW}@h/d")->has_literal_password());
  EXPECT_FALSE(SecretText::parse_url("postgresql://h/d?password=${PW}")->has_literal_password());
  EXPECT_FALSE(SecretText::parse_url("postgresql://u@h:5432/d")->has_literal_password());
}

class ConfigFiles : public Folder {};

TEST_F(ConfigFiles, SecretFilesAreReadLate) {
  auto secret = SecretText::parse_url("secret://file/pw/url", path);
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->reveal(table()).error().code, "E0712");
  write("pw/url", "postgresql://u:hunter2@h/d\n");
  EXPECT_EQ(*secret->reveal(table()), "postgresql://u:hunter2@h/d");
  EXPECT_EQ(SecretText::parse_url("secret://file/" + path)->reveal(table()).error().code, "E0712");
}

TEST_F(ConfigFiles, FoundUpwardsAndByVariable) {
  EXPECT_EQ(load_config(path, table()).error().code, "E0700");
  const std::string file = write("sluice.yaml", "connections: {a: {kind: duckdb, path: x}}");
  fs::create_directories(path + "/deep/er");
  auto config = load_config(path + "/deep/er", table());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->path, file);
  EXPECT_EQ(config->home, path + "/.sluice");
  EXPECT_EQ(load_config(path, table({{"SLUICE_CONFIG", path + "/other.yaml"}})).error().code, "E0700");
  const std::string other = write("other.yaml", "");
  EXPECT_EQ(load_config(path, table({{"SLUICE_CONFIG", other}}))->path, other);
  EXPECT_EQ(load_config(path, table({{"SLUICE_CONFIG", path}})).error().code, "E0709");
}

constexpr const char* kProfiles = R"(config: {send_anonymous_usage_stats: false}
base: &base
  outputs: {}
shop:
  target: "{{ env_var('DBT_TARGET', 'dev') }}"
  outputs:
    dev:
      type: postgres
      host: "{{ env_var('PGH') }}"
      user: reader
      pass: "{{ env_var('DBT_ENV_SECRET_PW') }}"
      port: "{{ env_var('PGP', '5432') | int }}"
      dbname: shop db
      schema: marts
      threads: 4
      sslmode: require
    prod: {type: postgres, host: db, user: u, password: hun:ter2, port: 5433, database: d, schema: public, search_path: "a, b", role: analyst}
    duck: {type: duckdb, path: 'x/shop.duckdb', threads: 4}
    memory: {type: duckdb, path: ':memory:'}
    snow: {type: snowflake, account: hunter2}
    odd: {type: postgres, host: "{{ target.host }}", user: u, dbname: d}
    less: {type: postgres, host: h, user: u}
)";

TEST_F(ConfigFiles, DbtProfilesAreReadAsTheyAre) {
  const std::string file = write("profiles.yml", kProfiles);
  auto dev = read_dbt_target(file, "shop", {"shop", ""}, table());
  ASSERT_TRUE(dev) << dev.error().message;
  EXPECT_EQ(dev->sslmode, "require");
  EXPECT_EQ(dev->search_path, (std::vector<std::string>{"marts", "public"}));
  EXPECT_EQ(dev->url.masked(), "postgresql://reader:***@${PGH}:${PGP}/shop%20db");
  EXPECT_EQ(*dev->url.reveal(table({{"PGH", "db.x"}, {"DBT_ENV_SECRET_PW", "a/b"}})), "postgresql://reader:a%2Fb@db.x:5432/shop%20db");
  EXPECT_EQ(dev->url.reveal(table({{"PGH", "db.x"}})).error().code, "E0711");
  auto prod = read_dbt_target(file, "shop", {"shop", "prod"}, table());
  ASSERT_TRUE(prod) << prod.error().message;
  EXPECT_EQ(*prod->url.reveal(table()), "postgresql://u:hun%3Ater2@db:5433/d");
  EXPECT_EQ(prod->search_path, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(prod->role, "analyst");
  EXPECT_EQ(read_dbt_target(file, "shop", {"shop", "duck"}, table())->path, path + "/x/shop.duckdb");
  const std::vector<std::tuple<DbtTarget, std::string, std::string>> wrong{
      {{"shp", ""}, "E0721", "did you mean \"shop\"?"},  {{"shop", "deb"}, "E0721", "did you mean \"dev\"?"},
      {{"shop", "memory"}, "E0724", "no database file"}, {{"shop", "snow"}, "E0722", "\"snowflake\""},
      {{"shop", "odd"}, "E0723", "host uses jinja"},     {{"shop", "less"}, "E0724", "lacks \"dbname\""},
      {{"base", ""}, "E0721", "no target \"default\""},  {{"config", ""}, "E0721", "no profile \"config\""}};
  for (const auto& [target, code, words] : wrong) {
    auto read = read_dbt_target(file, "shop", target, table());
    ASSERT_FALSE(read) << target.profile << target.target;
    EXPECT_EQ(read.error().code, code) << read.error().message;
    EXPECT_NE(read.error().message.find(words), std::string::npos) << read.error().message;
    expect_no_secret(read.error());
  }
}

TEST_F(ConfigFiles, DbtTargetsAreConnections) {
  write("profiles.yml", kProfiles);
  const std::string file = write("sluice.yaml", "connections:\n  wh: {dbt_profile: shop, target: prod}\n");
  auto config = load_config(path, table());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->connections[0].kind, ConnectionKind::postgres);
  EXPECT_EQ(config->connections[0].name, "wh");
  fs::rename(path + "/profiles.yml", path + "/p.yml");
  EXPECT_EQ(load_config(path, table()).error().code, "E0720");
  write("sluice.yaml", "connections:\n  wh: {dbt_profile: shop, target: prod, profiles: p.yml}\n");
  EXPECT_TRUE(load_config(path, table()));
  ConnectionConfig more;
  more.name = "wh2";
  more.dbt = DbtTarget{"shop", "duck", path + "/p.yml"};
  auto added = add_connection(file, more, PasswordPolicy::move_to_variable, table());
  ASSERT_TRUE(added) << added.error().message << added.error().hint;
  EXPECT_EQ(load_config(path, table())->connections[1].path, path + "/x/shop.duckdb");
}

ConnectionConfig duckdb(const std::string& name, const std::string& file) {
  ConnectionConfig connection;
  connection.name = name;
  connection.path = file;
  return connection;
}

TEST_F(ConfigFiles, AddingInsertsLinesAndChangesNoOther) {
  struct Case {
    std::string before, after;
  };
  const std::vector<Case> cases{
      {"connections:\n  a: {kind: duckdb, path: x}   # keep\n\n# limits\nlimits: {rows_max: 5}\n",
       "default: a\nconnections:\n  a: {kind: duckdb, path: x}   # keep\n  new:\n    kind: duckdb\n    path: d/new.duckdb\n\n# limits\nlimits: "
       "{rows_max: 5}\n"},
      {"default: a\nconnections:\n      a:\n        kind: duckdb\n        path: x # no newline",
       "default: a\nconnections:\n      a:\n        kind: duckdb\n        path: x # no newline\n      new:\n        kind: duckdb\n        path: "
       "d/new.duckdb\n"},
      {"# only a comment\n", "# only a comment\nconnections:\n  new:\n    kind: duckdb\n    path: d/new.duckdb\n"},
      {"limits: {rows_max: 5}\n", "limits: {rows_max: 5}\nconnections:\n  new:\n    kind: duckdb\n    path: d/new.duckdb\n"},
      {"connections: # none yet\nlimits:\n", "connections: # none yet\n  new:\n    kind: duckdb\n    path: d/new.duckdb\nlimits:\n"},
  };
  for (const Case& c : cases) {
    const std::string file = write("sluice.yaml", c.before);
    auto added = add_connection(file, duckdb("new", path + "/d/new.duckdb"), PasswordPolicy::move_to_variable, table());
    ASSERT_TRUE(added) << added.error().message << "\n" << added.error().hint;
    EXPECT_FALSE(added->created);
    EXPECT_EQ(read(file), c.after);
  }
  for (const std::string text :
       {"connections: {a: {kind: duckdb, path: x}}\n", "{}\n", "{limits: {rows_max: 5}}\n", "\"connections\":\n  a: {kind: duckdb, path: x}\n"}) {
    const std::string file = write("sluice.yaml", text);
    auto added = add_connection(file, duckdb("new", "/y"), PasswordPolicy::move_to_variable, table());
    ASSERT_FALSE(added) << text << read(file);
    EXPECT_EQ(added.error().code, "E0731") << text << added.error().message;
    EXPECT_NE(added.error().hint.find("    path: "), std::string::npos);
    EXPECT_EQ(read(file), text);
  }
  for (const auto& entry : fs::directory_iterator(path)) EXPECT_EQ(entry.path().filename(), "sluice.yaml");
}

TEST_F(ConfigFiles, PasswordsAreMovedToVariables) {
  ConnectionConfig crm;
  crm.name = "my-crm";
  crm.kind = ConnectionKind::postgres;
  crm.url = *SecretText::parse_url("postgresql://reader:hunter2@db/crm?sslmode=disable");
  const std::string file = path + "/sluice.yaml";
  auto added = add_connection(file, crm, PasswordPolicy::move_to_variable, table());
  ASSERT_TRUE(added) << added.error().message << added.error().hint;
  EXPECT_TRUE(added->created);
  EXPECT_EQ(added->variables, (std::vector<std::string>{"SLUICE_MY_CRM_PASSWORD"}));
  EXPECT_EQ(read(file).find("hunter2"), std::string::npos) << read(file);
  auto config = load_config(path, table());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(*config->connections[0].url.reveal(table({{"SLUICE_MY_CRM_PASSWORD", "hunter2"}})), "postgresql://reader:hunter2@db/crm?sslmode=disable");
  crm.name = "other";
  ASSERT_TRUE(add_connection(file, crm, PasswordPolicy::keep_in_file, table()));
  EXPECT_NE(read(file).find("hunter2"), std::string::npos);
  struct stat status{};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  crm.name = "third";
  crm.url = *SecretText::parse_url("host=h password=hunter2");
  auto refused = add_connection(file, crm, PasswordPolicy::move_to_variable, table());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "E0733");
  expect_no_secret(refused.error());
}

TEST_F(ConfigFiles, WhatCannotBeAddedIsSaid) {
  const std::string file = write("sluice.yaml", "connections:\n  a: {kind: duckdb, path: x}\n");
  for (const std::string name : {"a", "", "1a", "a b", "a:b", "-a", "ä"}) {
    auto added = add_connection(file, duckdb(name, "/y"), PasswordPolicy::move_to_variable, table());
    ASSERT_FALSE(added) << name;
    EXPECT_EQ(added.error().code, "E0730") << added.error().message;
  }
  EXPECT_EQ(add_connection(path + "/no/such/sluice.yaml", duckdb("b", "/y"), PasswordPolicy::move_to_variable, table()).error().code, "E0732");
  write("bad/sluice.yaml", "a: [");
  EXPECT_EQ(add_connection(path + "/bad/sluice.yaml", duckdb("b", "/y"), PasswordPolicy::move_to_variable, table()).error().code, "E0701");
  for (const std::string odd : {"with space.duckdb", "null", "123", "quote\"d", "${HOME}", "colon: x", "#hash", "ünï"}) {
    fs::remove(file);
    ASSERT_TRUE(add_connection(file, duckdb("b", path + "/" + odd), PasswordPolicy::move_to_variable, table())) << odd;
    EXPECT_EQ(load_config(path, table())->connections[0].path, path + "/" + odd);
  }
}

TEST(Config, KnowsWhereTheGlossaryIs) {
  EXPECT_EQ(parse("")->glossary, "/project/glossary.yml");
  EXPECT_FALSE(parse("")->glossary_named);
  EXPECT_TRUE(parse("")->journal.empty());
  const auto kept = parse("journal: postgresql://sluice:${PASSWORD}@db/ops", {{"PASSWORD", "a/b"}});
  EXPECT_EQ(*kept->journal.reveal(table({{"PASSWORD", "a/b"}})), "postgresql://sluice:a%2Fb@db/ops");
  EXPECT_EQ(*parse("journal: x", {{"SLUICE_JOURNAL", "postgresql://other/ops"}})->journal.reveal(), "postgresql://other/ops");
  const auto named = parse("glossary: ../words/${TEAM}.yml", {{"TEAM", "sales"}});
  EXPECT_EQ(named->glossary, "/words/sales.yml");
  EXPECT_TRUE(named->glossary_named);
}

TEST(Config, ReadsQueuesAndTheWorker) {
  const auto config = parse(
      "queues: {etl: {running_max: 8, tenant_running_max: 2, starts_max: 100, starts_per: 2m}, free: }\n"
      "worker: {queues: [etl, free], concurrency: 9, drain: 1m}\n");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->queues, (std::vector<QueueConfig>{{"etl", 8, 2, 100, 120}, {.name = "free"}}));
  EXPECT_EQ(config->worker, (WorkerConfig{{"etl", "free"}, 9, 60}));
  EXPECT_EQ(parse("approvals:\n")->worker, WorkerConfig{});
}

}  // namespace
}  // namespace sluice
