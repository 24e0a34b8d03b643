// Certificates: the tests' own authority, made with OpenSSL for each run.
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <filesystem>

#include "net/http.h"
#include "net/loopback_server.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

template <auto release>
struct Release {
  template <class T>
  void operator()(T* held) const {
    release(held);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;

void add_extension(X509* certificate, int which, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, which, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// A key with a certificate; signed by `issuer`, or by itself.
struct Identity {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate{X509_new()};

  Identity(const char* name, const char* extension_value, int extension, const Identity* issuer) {
    X509* x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), issuer != nullptr ? 2 : 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer != nullptr ? issuer->certificate.get() : x));
    add_extension(x, extension, extension_value);
    X509_sign(x, issuer != nullptr ? issuer->key.get() : key.get(), EVP_sha256());
  }
};

/// A server that speaks TLS as 127.0.0.1 with a certificate of an authority that only `ca_file` names.
class TlsServer {
 public:
  explicit TlsServer(const char* authority = "Sluice test authority") : authority_{authority, "critical,CA:TRUE", NID_basic_constraints, nullptr} {
    folder_ = (std::filesystem::temp_directory_path() / "sluice-tls-XXXXXX").string();
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    ca_file = folder_ + "/ca.pem";
    FILE* file = std::fopen(ca_file.c_str(), "w");
    PEM_write_X509(file, authority_.certificate.get());
    std::fclose(file);
    SSL_CTX_use_certificate(context_.get(), service_.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), service_.key.get());
  }
  ~TlsServer() { std::filesystem::remove_all(folder_); }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  HttpJob get(const std::string& host = "127.0.0.1") const {
    HttpJob job;
    job.request = {"GET", "https://" + host + ":" + std::to_string(server.port()) + "/", {}, ""};
    job.retry.first_delay = milliseconds(1);
    job.route.ca_file = ca_file;
    return job;
  }

  std::string ca_file{};

 private:
  void speak(Conversation& with) {
    const std::unique_ptr<SSL, Release<SSL_free>> ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), with.fd());
    if (SSL_accept(ssl.get()) != 1) return;
    with.read = [&](char* bytes, std::size_t size) { return static_cast<ssize_t>(SSL_read(ssl.get(), bytes, static_cast<int>(size))); };
    with.write = [&](const char* bytes, std::size_t size) { return static_cast<ssize_t>(SSL_write(ssl.get(), bytes, static_cast<int>(size))); };
    answers_(with);
  }

  std::string folder_{};
  Identity authority_;
  Identity service_{"service", "IP:127.0.0.1", NID_subject_alt_name, &authority_};
  std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>> context_{SSL_CTX_new(TLS_server_method())};
  LoopbackServer::Script answers_ = LoopbackServer::each([](Conversation& with, int, const std::string&) { with.answer(200, "secret"); });

 public:
  LoopbackServer server{[this](Conversation& with) { speak(with); }};  ///< last: it is gone before what it uses
};

Result<HttpResponse> perform(HttpClient& client, const HttpJob& job) {
  return std::move(client.perform(std::span(&job, 1), {steady_clock::now() + std::chrono::seconds(5), {}}).at(0));
}

TEST(Tls, TrustsTheAuthorityThatIsNamed) {
  TlsServer server;
  HttpClient client;
  for (int i = 0; i < 3; ++i) {
    const auto answer = perform(client, server.get());
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "secret");
  }
  EXPECT_EQ(server.server.connections(), 1);
}

TEST(Tls, TrustsNobodyElse) {
  TlsServer server, namesake, other("Another authority");
  HttpClient client;
  ASSERT_TRUE(perform(client, server.get()));  // a kept connection is for those who trust the same authority
  for (const std::string& ca_file : {std::string(), other.ca_file, namesake.ca_file}) {
    HttpJob job = server.get();
    job.route.ca_file = ca_file;
    int retries = 0;
    job.on_retry = [&](const HttpRetried&) -> Result<> {
      ++retries;
      return {};
    };
    const auto answer = perform(client, job);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, "E1105");
    EXPECT_EQ(answer.error().kind, ErrorKind::refused);
    EXPECT_NE(answer.error().message.find("not trusted"), std::string::npos) << answer.error().message;
    EXPECT_EQ(retries, 0);
  }
}

TEST(Tls, TrustsACertificateOnlyForItsOwnName) {
  TlsServer server;
  HttpClient client;
  const auto answer = perform(client, server.get("localhost"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "E1105");
  EXPECT_EQ(answer.error().kind, ErrorKind::refused);
}

TEST(Tls, SaysThatTheAuthoritiesCannotBeRead) {
  TlsServer server;
  HttpClient client;
  HttpJob job = server.get();
  job.route.ca_file = server.ca_file + ".missing";
  const auto answer = perform(client, job);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "E1105");
  EXPECT_EQ(answer.error().kind, ErrorKind::input);
}

TEST(Tls, IsNotSpokenByAPlainServer) {
  LoopbackServer plain([](Conversation& with) { with.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  HttpClient client;
  HttpJob job;
  job.request = {"GET", "https://127.0.0.1:" + std::to_string(plain.port()) + "/", {}, ""};
  job.retry.attempts_max = 1;
  const auto answer = perform(client, job);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "E1105");
  EXPECT_EQ(answer.error().kind, ErrorKind::transient);
  EXPECT_NE(answer.error().message.find("no TLS"), std::string::npos) << answer.error().message;
}

}  // namespace
}  // namespace sluice
