#include "connectors/postgres/private_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/check.h"

namespace sluice::postgres {
namespace {

constexpr const char* kBin = "/usr/lib/postgresql/15/bin";

int shell(const std::string& command) { return std::system(command.c_str()); }  // NOLINT(bugprone-command-processor): the tests' own commands

void must_run(const std::string& command) {
  if (shell(command) == 0) return;
  std::fprintf(stderr, "this command failed, see its output above: %s\n", command.c_str());
  std::abort();
}

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(fd >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CHECK(bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(fd);
  return ntohs(address.sin_port);
}

void make_certificates(const std::string& folder) {
  const std::string quiet = " >/dev/null 2>&1";
  const std::string key = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";
  must_run(key + "-x509 -days 2 -subj '/CN=test authority' -keyout " + folder + "/ca.key -out " + folder + "/ca.pem" + quiet);
  must_run(key + "-subj /CN=localhost -keyout " + folder + "/server.key -out " + folder + "/server.csr" + quiet);
  must_run("openssl x509 -req -days 2 -CA " + folder + "/ca.pem -CAkey " + folder + "/ca.key -CAcreateserial -in " + folder + "/server.csr -out " +
           folder + "/server.crt" + quiet);
  must_run("chmod 600 " + folder + "/*.key && chmod 644 " + folder + "/ca.pem");
}

}  // namespace

std::unique_ptr<PrivateServer> PrivateServer::start(std::string& missing) {
  if (access((std::string(kBin) + "/initdb").c_str(), X_OK) != 0) {
    missing = std::string("no PostgreSQL 15 server in ") + kBin + " (apt-get install postgresql-15)";
    return nullptr;
  }
  char pattern[] = "/tmp/sluice-postgres-XXXXXX";
  CHECK(mkdtemp(pattern) != nullptr);
  auto server = std::make_unique<PrivateServer>();
  server->folder = pattern;
  server->port = free_port();
  make_certificates(server->folder);
  if (geteuid() == 0) {  // PostgreSQL does not run as root
    must_run("chown -R postgres: " + server->folder + " && chmod 755 " + server->folder);
    server->as_owner_ = "cd / && setpriv --reuid=postgres --regid=postgres --init-groups ";
  }
  const std::string data = server->folder + "/data";
  must_run(server->as_owner_ + kBin + "/initdb -D " + data + " -U admin -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null");
  {
    std::ofstream settings(data + "/postgresql.conf", std::ios::app);
    settings << "listen_addresses='127.0.0.1'\nport=" << server->port << "\nunix_socket_directories='" << server->folder
             << "'\nfsync=off\nshared_buffers=16MB\nmax_connections=60\nssl=on\nssl_cert_file='" << server->folder << "/server.crt'\nssl_key_file='"
             << server->folder << "/server.key'\n";
    std::ofstream access_rules(data + "/pg_hba.conf", std::ios::trunc);
    access_rules << "local all all trust\nhostssl all tls_only 127.0.0.1/32 scram-sha-256\nhost all reader,writer,busy 127.0.0.1/32 scram-sha-256\n"
                    "host all admin 127.0.0.1/32 trust\n";
  }
  must_run(server->as_owner_ + kBin + "/pg_ctl -D " + data + " -l " + server->folder + "/log -w -t 30 start >/dev/null");
  must_run(std::string("PGOPTIONS= ") + kBin + "/createdb -h " + server->folder + " -p " + std::to_string(server->port) + " -U admin shop");
  return server;
}

PrivateServer::~PrivateServer() {
  [[maybe_unused]] const int stopped = shell(as_owner_ + kBin + "/pg_ctl -D " + folder + "/data -m immediate stop >/dev/null 2>&1");
  [[maybe_unused]] const int removed = shell("rm -rf " + folder);
}

void PrivateServer::restart() const {
  must_run(as_owner_ + kBin + "/pg_ctl -D " + folder + "/data -l " + folder + "/log -m immediate -w -t 30 restart >/dev/null");
}

std::string PrivateServer::url(const std::string& user, const std::string& password, const std::string& parameters) const {
  return "postgresql://" + user + ":" + password + "@localhost:" + std::to_string(port) + "/shop?sslrootcert=" + folder + "/ca.pem" + parameters;
}

std::string PrivateServer::socket_url(const std::string& user) const {
  return "postgresql:///shop?host=" + folder + "&port=" + std::to_string(port) + "&user=" + user;
}

std::vector<std::string> PrivateServer::admin(const std::string& sql) const {
  auto libpq = libpq::load();
  CHECK(libpq);
  auto settings = Connection::parse(**libpq, socket_url("admin"));
  CHECK(settings);
  const Until until{std::chrono::steady_clock::now() + std::chrono::seconds(20), {}};
  auto connection = Connection::open(*libpq, *settings, until);
  CHECK(connection);
  auto reply = (*connection)->script(sql, until);
  if (!reply) {
    std::fprintf(stderr, "%s: %s\n", sql.c_str(), reply.error().message.c_str());
    std::abort();
  }
  std::vector<std::string> rows;
  rows.reserve(static_cast<std::size_t>(reply->rows()));
  for (int i = 0; i < reply->rows(); ++i) rows.emplace_back(reply->text(i, 0));
  return rows;
}

}  // namespace sluice::postgres
