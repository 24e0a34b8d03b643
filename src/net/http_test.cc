#include "net/http.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>

#include "net/loopback_server.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Call within(milliseconds time) { return {steady_clock::now() + time, {}}; }
constexpr milliseconds kSoon{5000};

HttpJob get(const std::string& url) {
  HttpJob job;
  job.request = {"GET", url, {}, ""};
  job.retry.first_delay = milliseconds(1);
  return job;
}

Result<HttpResponse> perform(HttpClient& client, const HttpJob& job, const Call& call = within(kSoon)) {
  return std::move(client.perform(std::span(&job, 1), call).at(0));
}

milliseconds since(steady_clock::time_point start) { return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start); }

#define EXPECT_ERROR(result, error_kind, error_code)                        \
  do {                                                                      \
    const Result<HttpResponse>& checked = (result);                         \
    ASSERT_FALSE(checked);                                                  \
    EXPECT_EQ(checked.error().kind, error_kind) << checked.error().message; \
    EXPECT_EQ(checked.error().code, error_code) << checked.error().message; \
  } while (false)

TEST(Http, CarriesTheRequestOverAndTheAnswerBack) {
  std::string seen;
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int, const std::string& request) {
    seen = request;
    with.answer(201, "made", "X-Id: 7\r\nx-id: 8\r\n");
  }));
  HttpClient client;
  HttpJob job = get(server.url("/v1/things?a=b"));
  job.request = {"POST", job.request.url, {{"X-Api-Key", "k"}, {"X-Empty", ""}}, std::string(2'000'000, 'b')};
  const auto answer = perform(client, job);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "made");
  EXPECT_EQ(answer->header("X-ID"), "8");
  EXPECT_TRUE(seen.starts_with("POST /v1/things?a=b HTTP/1.1\r\n")) << seen.substr(0, 300);
  EXPECT_NE(seen.find("\r\nX-Api-Key: k\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nX-Empty:\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nUser-Agent: sluice\r\n"), std::string::npos);
  EXPECT_EQ(seen.find("Expect:"), std::string::npos);
  EXPECT_EQ(seen.find("Content-Type:"), std::string::npos);
  EXPECT_TRUE(seen.ends_with("bbb"));
}

TEST(Http, SendsEveryMethod) {
  std::vector<std::string> lines;
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int, const std::string& request) {
    lines.push_back(request.substr(0, request.find(' ')) + " " + request.substr(request.find("\r\n\r\n") + 4));
    if (request.starts_with("HEAD")) {
      with.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    } else {
      with.answer(200, "");
    }
  }));
  HttpClient client;
  for (const auto& [method, body] : std::vector<std::pair<std::string, std::string>>{
           {"GET", ""}, {"HEAD", ""}, {"PUT", "x"}, {"POST", ""}, {"DELETE", ""}, {"PATCH", "y"}, {"GET", "z"}}) {
    HttpJob job = get(server.url());
    job.request.method = method;
    job.request.body = body;
    EXPECT_TRUE(perform(client, job)) << method;
  }
  EXPECT_EQ(lines, (std::vector<std::string>{"GET ", "HEAD ", "PUT x", "POST ", "DELETE ", "PATCH y", "GET z"}));
}

TEST(Http, WaitsAsLongAsTheServiceAsks) {
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int number, const std::string&) {
    if (number == 1) {
      with.answer(429, "slow down", "Retry-After: 0.2\r\n");
    } else {
      with.answer(200, "ok");
    }
  }));
  HttpClient client;
  HttpJob job = get(server.url());
  job.retry.first_delay = milliseconds(20'000);
  std::vector<std::string> steps;
  job.on_attempt = [&](int attempt) { steps.push_back("attempt " + std::to_string(attempt)); };
  job.on_retry = [&](const HttpRetried& retried) -> Result<> {
    steps.push_back("retry " + std::to_string(retried.delay.count()) + " " + retried.why.code);
    return {};
  };
  job.on_done = [&](const Result<HttpResponse>& answer) { steps.push_back(answer ? "done" : "failed"); };
  const auto start = steady_clock::now();
  const auto answer = perform(client, job);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "ok");
  EXPECT_GE(since(start), milliseconds(200));
  EXPECT_EQ(steps, (std::vector<std::string>{"attempt 1", "retry 200 E1101", "attempt 2", "done"}));
}

TEST(Http, AsksBeforeItTriesAgainAndTellsWhatWasSent) {
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int, const std::string&) { with.answer(503, "no"); }));
  HttpClient client;
  HttpJob job = get(server.url());
  job.retry = {4, milliseconds(5), milliseconds(5), 1.0, 0.0};
  int sent = 0, asked = 0;
  job.on_sent = [&] { ++sent; };
  job.on_retry = [&](const HttpRetried&) -> Result<> {
    if (++asked < 2) return {};
    return Error{ErrorKind::exhausted, "E1020", "nothing is left", "", 0};
  };
  const auto answer = perform(client, job);
  EXPECT_ERROR(answer, ErrorKind::transient, "E1101");
  EXPECT_TRUE(answer.error().message.ends_with("; tried 2 times; not tried again: nothing is left")) << answer.error().message;
  EXPECT_EQ(sent, 2);
  job.request.url = "http://127.0.0.1:1/";
  job.retry.attempts_max = 1;
  EXPECT_FALSE(perform(client, job));
  EXPECT_EQ(sent, 2) << "nobody was there to send it to";
}

TEST(Http, EndsAtOnceWhereTheServiceAsksForTooLong) {
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int, const std::string&) { with.answer(429, "", "Retry-After: 30\r\n"); }));
  HttpClient client;
  const auto start = steady_clock::now();
  const auto answer = perform(client, get(server.url()));
  EXPECT_LT(since(start), milliseconds(1000));
  EXPECT_ERROR(answer, ErrorKind::transient, "E1101");
  EXPECT_EQ(answer.error().retry_after_ms, 30'000);
  EXPECT_NE(answer.error().message.find("asks to wait 30.0 s"), std::string::npos) << answer.error().message;
}

TEST(Http, TriesAFailingServiceSoManyTimes) {
  std::atomic<int> requests{0};
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int number, const std::string&) {
    requests = number;
    with.answer(500, "oops");
  }));
  HttpClient client;
  HttpJob job = get(server.url());
  job.retry.attempts_max = 3;
  const auto answer = perform(client, job);
  EXPECT_ERROR(answer, ErrorKind::transient, "E1101");
  EXPECT_EQ(answer.error().message, server.url("") + " answered 500: oops; tried 3 times");
  EXPECT_EQ(requests, 3);
}

TEST(Http, WaitsLongerFromAttemptToAttempt) {
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int, const std::string&) { with.answer(503, ""); }));
  HttpClient client;
  HttpJob job = get(server.url());
  job.retry = {4, milliseconds(20), milliseconds(60), 2.0, 0.0};
  std::vector<long> delays;
  job.on_retry = [&](const HttpRetried& retried) -> Result<> {
    delays.push_back(retried.delay.count());
    return {};
  };
  const auto start = steady_clock::now();
  EXPECT_FALSE(perform(client, job));
  EXPECT_EQ(delays, (std::vector<long>{20, 40, 60}));
  EXPECT_GE(since(start), milliseconds(120));
}

TEST(Http, DoesNotRepeatWhatWouldFailAgain) {
  std::atomic<int> status{0}, requests{0};
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int number, const std::string&) {
    requests = number;
    with.answer(status, "no", "Location: https://login.example.com/x?token=s3cret\r\n");
  }));
  HttpClient client;
  int sent = 0;
  for (const auto& [code, error] : std::vector<std::pair<int, std::string>>{{400, "E1104"}, {401, "E1102"}, {404, "E1103"}, {302, "E1104"}}) {
    status = code;
    const auto answer = perform(client, get(server.url()));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, error);
    EXPECT_EQ(requests, ++sent);
    EXPECT_EQ(answer.error().message.find("s3cret"), std::string::npos);
    EXPECT_EQ(answer.error().message.find("https://login.example.com,") != std::string::npos, code == 302) << answer.error().message;
  }
}

TEST(Http, TakesAnAnswerThatBreaksOffForAFailureThatMayPass) {
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int number, const std::string&) {
    if (number == 3) {
      with.answer(200, "whole");
      return;
    }
    with.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    if (number == 1) {
      with.reset();
    } else {
      with.hang_up();
    }
  }));
  HttpClient client;
  HttpJob once = get(server.url());
  once.retry.attempts_max = 1;
  const auto reset = perform(client, once);
  EXPECT_ERROR(reset, ErrorKind::transient, "E1105");
  const auto second = perform(client, get(server.url()));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->body, "whole");
}

TEST(Http, AnAnswerShorterThanAnnouncedIsNoSuccess) {
  LoopbackServer server([](Conversation& with) {
    with.request();
    with.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  HttpClient client;
  HttpJob job = get(server.url());
  job.retry.attempts_max = 2;
  const auto answer = perform(client, job);
  EXPECT_ERROR(answer, ErrorKind::transient, "E1105");
  EXPECT_NE(answer.error().message.find("broke off the answer; tried 2 times"), std::string::npos) << answer.error().message;
}

TEST(Http, ToleratesAServiceThatIsSlowButAlive) {
  LoopbackServer server([](Conversation& with) {
    // Thinking first is no silence within an answer.
    if (with.request().starts_with("GET /thinks")) std::this_thread::sleep_for(milliseconds(450));
    with.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    for (int i = 0; i < 10; ++i) {
      std::this_thread::sleep_for(milliseconds(50));
      with.send("x");
    }
  });
  HttpClient client;
  std::vector<HttpJob> jobs{get(server.url("/drips")), get(server.url("/thinks"))};
  for (HttpJob& job : jobs) {
    job.route.idle_timeout = milliseconds(300);
    job.retry.attempts_max = 1;
  }
  for (const auto& answer : client.perform(jobs, within(kSoon))) {
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "xxxxxxxxxx");
  }
}

TEST(Http, EndsAnAttemptAfterItsTime) {
  LoopbackServer server([](Conversation& with) {
    with.request();
    with.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (with.send("x")) std::this_thread::sleep_for(milliseconds(20));
  });
  HttpClient client;
  HttpJob job = get(server.url());
  job.timeout = milliseconds(200);
  job.retry.attempts_max = 2;
  const auto start = steady_clock::now();
  const auto answer = perform(client, job);
  EXPECT_ERROR(answer, ErrorKind::timeout, "E1106");
  EXPECT_GE(since(start), milliseconds(400));
  EXPECT_LT(since(start), milliseconds(1500));
  EXPECT_EQ(server.connections(), 2);
}

TEST(Http, EndsAnAnswerThatFallsSilent) {
  LoopbackServer server([](Conversation& with) {
    with.request();
    with.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin");
    with.keep_silent();
  });
  HttpClient client;
  HttpJob job = get(server.url());
  job.route.idle_timeout = milliseconds(150);
  job.retry.attempts_max = 1;
  const auto start = steady_clock::now();
  const auto answer = perform(client, job);
  EXPECT_ERROR(answer, ErrorKind::timeout, "E1106");
  EXPECT_NE(answer.error().message.find("silent"), std::string::npos) << answer.error().message;
  EXPECT_LT(since(start), milliseconds(1500));
}

TEST(Http, KeepsTheDeadlineOfTheCall) {
  LoopbackServer server([](Conversation& with) { with.keep_silent(); });
  HttpClient client;
  const std::vector<HttpJob> jobs(3, get(server.url("/?key=s3cret-s3cret")));
  const auto start = steady_clock::now();
  const auto answers = client.perform(jobs, within(milliseconds(250)));
  EXPECT_GE(since(start), milliseconds(250));
  EXPECT_LT(since(start), milliseconds(700));
  for (const auto& answer : answers) {
    EXPECT_ERROR(answer, ErrorKind::timeout, "E1106");
    EXPECT_EQ(answer.error().message.find("s3cret"), std::string::npos);
  }
  EXPECT_LE(since(start), milliseconds(700));
  const auto late = perform(client, get(server.url()), within(milliseconds(-1)));
  EXPECT_ERROR(late, ErrorKind::timeout, "E1106");
}

TEST(Http, BoundsAnAnswer) {
  std::atomic<int> requests{0};
  LoopbackServer server([&](Conversation& with) {
    with.request();
    ++requests;
    with.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (with.chunk(std::string(4096, 'x'))) {
    }
  });
  HttpClient client;
  HttpJob job = get(server.url());
  job.route.response_bytes_max = 100'000;
  const auto answer = perform(client, job);
  EXPECT_ERROR(answer, ErrorKind::exhausted, "E1108");
  EXPECT_EQ(requests, 1);
}

TEST(Http, TakesAnAnswerOfExactlyTheLargestSize) {
  LoopbackServer server(LoopbackServer::each([](Conversation& with, int, const std::string&) { with.answer(200, std::string(1000, 'x')); }));
  HttpClient client;
  HttpJob job = get(server.url());
  job.route.response_bytes_max = 1000;
  EXPECT_TRUE(perform(client, job));
  job.route.response_bytes_max = 999;
  EXPECT_ERROR(perform(client, job), ErrorKind::exhausted, "E1108");
}

TEST(Http, BoundsTheHeadersOfAnAnswer) {
  LoopbackServer server([](Conversation& with) {
    with.request();
    with.send("HTTP/1.1 200 OK\r\n");
    while (with.send("X-Filler: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  HttpClient client;
  EXPECT_ERROR(perform(client, get(server.url())), ErrorKind::exhausted, "E1108");
}

TEST(Http, KnowsWhatIsNoHttp) {
  LoopbackServer server([](Conversation& with) { with.send("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"); });
  HttpClient client;
  HttpJob job = get(server.url());
  job.retry.attempts_max = 1;
  EXPECT_ERROR(perform(client, job), ErrorKind::transient, "E1108");
}

TEST(Http, GivesTheBodyAsItArrives) {
  std::atomic<int> pieces{0};
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int, const std::string&) {
    with.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 3; ++i) {
      with.chunk("piece" + std::to_string(i));
      for (int wait = 0; wait < 2000 && pieces <= i; ++wait) std::this_thread::sleep_for(milliseconds(1));
      if (pieces <= i) return;  // the next follows only when this one has been given on
    }
    with.chunk("");
  }));
  HttpClient client;
  HttpJob job = get(server.url());
  std::string data;
  job.on_data = [&](std::string_view bytes) {
    data += bytes;
    ++pieces;
    return Result<>();
  };
  const auto answer = perform(client, job);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(data, "piece0piece1piece2");
  EXPECT_EQ(answer->body, data);
}

TEST(Http, EndsAnAttemptWithTheErrorOfWhoReadsIt) {
  LoopbackServer server(
      LoopbackServer::each([](Conversation& with, int number, const std::string&) { with.answer(200, number < 3 ? "bad" : "good"); }));
  HttpClient client;
  HttpJob job = get(server.url());
  job.on_data = [](std::string_view bytes) -> Result<> {
    if (bytes == "bad") return Error{ErrorKind::transient, "E1010", "garbled", ""};
    return {};
  };
  job.retry.attempts_max = 1;
  EXPECT_ERROR(perform(client, job), ErrorKind::transient, "E1010");
  job.retry.attempts_max = 3;
  EXPECT_TRUE(perform(client, job));
}

TEST(Http, GivesNoDataOfARefusal) {
  LoopbackServer server(LoopbackServer::each([](Conversation& with, int, const std::string&) { with.answer(400, "wrong"); }));
  HttpClient client;
  HttpJob job = get(server.url());
  int calls = 0;
  job.on_data = [&](std::string_view) {
    ++calls;
    return Result<>();
  };
  const auto answer = perform(client, job);
  EXPECT_ERROR(answer, ErrorKind::refused, "E1104");
  EXPECT_NE(answer.error().message.find("wrong"), std::string::npos);
  EXPECT_EQ(calls, 0);
}

TEST(Http, LeavesItToTheProtocolWhatAnAnswerMeans) {
  LoopbackServer server(LoopbackServer::each(
      [](Conversation& with, int number, const std::string&) { with.answer(number == 1 ? 200 : 404, number == 1 ? "overloaded" : "nothing"); }));
  HttpClient client;
  HttpJob job = get(server.url());
  job.judge = [](const HttpResponse& response) -> std::optional<Error> {
    if (response.status == 200) return Error{ErrorKind::transient, "E1001", "overloaded", ""};
    return std::nullopt;
  };
  const auto answer = perform(client, job);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
}

TEST(Http, HidesWhatAServiceQuotesOfItsSecrets) {
  LoopbackServer server(LoopbackServer::each([](Conversation& with, int, const std::string& request) { with.answer(400, request); }));
  HttpClient client;
  HttpJob job = get(server.url("/v1?key=query-s3cret"));
  job.request.headers = {{"authorization", "Bearer header-s3cret"}};
  const auto answer = perform(client, job);
  EXPECT_ERROR(answer, ErrorKind::refused, "E1104");
  EXPECT_NE(answer.error().message.find("GET /v1?key=…"), std::string::npos) << answer.error().message;
  EXPECT_EQ(answer.error().message.find("s3cret"), std::string::npos) << answer.error().message;
}

TEST(Http, RefusesARequestThatWouldBeAnother) {
  std::atomic<int> requests{0};
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int, const std::string&) {
    ++requests;
    with.answer(200, "");
  }));
  HttpClient client;
  const auto refuses = [&](const HttpRequest& request) {
    HttpJob job;
    job.request = request;
    const auto answer = perform(client, job);
    EXPECT_ERROR(answer, ErrorKind::input, "E1110");
    EXPECT_EQ(answer.error().message.find("s3cret"), std::string::npos);
  };
  const std::string url = server.url();
  refuses({"GET", url, {{"x-key", "s3cret\r\nX-Other: 1"}}, ""});
  refuses({"GET", url, {{"x-key", "s3cret\n"}}, ""});
  refuses({"GET", url, {{"x-key", std::string("s3cret\0", 7)}}, ""});
  refuses({"GET", url, {{"x: s3cret", "1"}}, ""});
  refuses({"GET / HTTP/1.1\r\nX: s3cret", url, {}, ""});
  refuses({"GET", "no url s3cret", {}, ""});
  refuses({"GET", "ftp://127.0.0.1/s3cret", {}, ""});
  EXPECT_EQ(requests, 0);
}

TEST(Http, KeepsConnectionsForLaterCalls) {
  LoopbackServer server(LoopbackServer::each([](Conversation& with, int, const std::string&) { with.answer(200, "", "Set-Cookie: a=b\r\n"); }));
  HttpClient client;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(perform(client, get(server.url())));
  EXPECT_EQ(server.connections(), 1);
}

TEST(Http, NoticesThatAKeptConnectionHasEnded) {
  LoopbackServer server(LoopbackServer::each([](Conversation& with, int, const std::string&) {
    with.answer(200, "ok");
    with.hang_up();
  }));
  HttpClient client;
  HttpJob job = get(server.url());
  job.retry.attempts_max = 1;
  for (int i = 0; i < 20; ++i) {
    const auto answer = perform(client, job);
    ASSERT_TRUE(answer) << answer.error().message;
  }
  EXPECT_EQ(server.connections(), 20);
}

TEST(Http, KeepsNoCookies) {
  std::string last;
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int, const std::string& request) {
    last = request;
    with.answer(200, "", "Set-Cookie: a=b\r\n");
  }));
  HttpClient client;
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(perform(client, get(server.url())));
  EXPECT_EQ(last.find("ookie"), std::string::npos) << last;
}

TEST(Http, CannotReachAClosedPort) {
  int port = 0;
  ::close(LoopbackServer::listen_on_loopback(port));
  HttpClient client;
  HttpJob job = get("http://127.0.0.1:" + std::to_string(port) + "/?key=s3cret");
  job.retry.attempts_max = 2;
  const auto answer = perform(client, job);
  EXPECT_ERROR(answer, ErrorKind::transient, "E1105");
  EXPECT_TRUE(answer.error().message.starts_with("http://127.0.0.1:" + std::to_string(port) + " cannot be reached")) << answer.error().message;
  EXPECT_EQ(answer.error().message.find("s3cret"), std::string::npos);
}

TEST(Http, StopsWithin200Milliseconds) {
  LoopbackServer silent([](Conversation& with) { with.keep_silent(); });
  LoopbackServer failing(LoopbackServer::each([](Conversation& with, int, const std::string&) { with.answer(503, "", "Retry-After: 4\r\n"); }));
  HttpClient client;
  const std::vector<HttpJob> jobs{get(silent.url()), get(failing.url()), get(silent.url())};
  std::stop_source source;
  std::atomic<steady_clock::rep> stopped_at{0};
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(500));  // all is quiet then: only the stop itself wakes it
    stopped_at = steady_clock::now().time_since_epoch().count();
    source.request_stop();
  });
  const auto answers = client.perform(jobs, {steady_clock::now() + std::chrono::seconds(10), source.get_token()});
  EXPECT_GT(stopped_at.load(), 0);
  EXPECT_LT(since(steady_clock::time_point(steady_clock::duration(stopped_at.load()))), milliseconds(200));
  for (const auto& answer : answers) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::cancelled);
  }
  const auto again = client.perform(jobs, {steady_clock::now() + std::chrono::seconds(10), source.get_token()});
  for (const auto& answer : again) EXPECT_EQ(answer.error().kind, ErrorKind::cancelled);
}

TEST(Http, LeavesAFailingServiceAlone) {
  std::atomic<bool> up{false};
  std::atomic<int> requests{0};
  LoopbackServer server(LoopbackServer::each([&](Conversation& with, int, const std::string&) {
    ++requests;
    with.answer(up ? 200 : 503, "");
  }));
  HttpClient client({3, milliseconds(300)});
  HttpJob job = get(server.url());
  job.retry.attempts_max = 10;
  const auto opened = perform(client, job);
  EXPECT_ERROR(opened, ErrorKind::transient, "E1107");
  EXPECT_NE(opened.error().message.find("answered 503"), std::string::npos) << opened.error().message;
  EXPECT_EQ(requests, 3);
  up = true;
  const auto start = steady_clock::now();
  EXPECT_ERROR(perform(client, job), ErrorKind::transient, "E1107");
  EXPECT_LT(since(start), milliseconds(200));
  EXPECT_EQ(requests, 3);
  std::this_thread::sleep_for(milliseconds(320));
  EXPECT_TRUE(perform(client, job));
  EXPECT_TRUE(perform(client, job));
  EXPECT_EQ(requests, 5);
}

TEST(Http, LeavesAnUnreachableServiceAloneButNotABusyOne) {
  int port = 0;
  ::close(LoopbackServer::listen_on_loopback(port));
  HttpClient client({3, milliseconds(60'000)});
  HttpJob job = get("http://127.0.0.1:" + std::to_string(port) + "/");
  job.retry.attempts_max = 10;
  EXPECT_ERROR(perform(client, job), ErrorKind::transient, "E1107");
  LoopbackServer busy(LoopbackServer::each([](Conversation& with, int number, const std::string&) { with.answer(number < 8 ? 429 : 200, ""); }));
  job.request.url = busy.url();
  EXPECT_TRUE(perform(client, job));
}

TEST(Http, GivesAnswersInTheOrderOfTheJobs) {
  LoopbackServer server(LoopbackServer::each([](Conversation& with, int, const std::string& request) {
    const std::string path = request.substr(5, request.find(' ', 5) - 5);
    if (path == "0") std::this_thread::sleep_for(milliseconds(200));
    with.answer(200, path);
  }));
  HttpClient client;
  std::vector<HttpJob> jobs;
  std::vector<std::string> done;
  for (int i = 0; i < 4; ++i) {
    jobs.push_back(get(server.url("/" + std::to_string(i))));
    jobs.back().on_done = [&done](const Result<HttpResponse>& answer) { done.push_back(answer ? answer->body : "failed"); };
  }
  jobs.push_back(get("no url"));
  const auto answers = client.perform(jobs, within(kSoon));
  ASSERT_EQ(answers.size(), 5U);
  for (std::size_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(answers[i]);
    EXPECT_EQ(answers[i]->body, std::to_string(i));
  }
  EXPECT_EQ(answers[4].error().code, "E1110");
  ASSERT_EQ(done.size(), 4U);
  EXPECT_EQ(done.back(), "0");  // told of when it ended, not when all had
  EXPECT_TRUE(client.perform({}, within(kSoon)).empty());
}

TEST(Http, LetsWhatACallbackThrowsThrough) {
  LoopbackServer server(LoopbackServer::each([](Conversation& with, int, const std::string&) { with.answer(200, "body"); }));
  HttpClient client({1, milliseconds(60'000)});
  HttpJob job = get(server.url());
  job.on_data = [](std::string_view) -> Result<> { throw std::runtime_error("mine"); };
  EXPECT_THROW((void)perform(client, job), std::runtime_error);
  job.on_data = nullptr;
  job.on_attempt = [](int) { throw std::runtime_error("mine"); };
  EXPECT_THROW((void)perform(client, job), std::runtime_error);
  EXPECT_TRUE(perform(client, get(server.url())));
}

}  // namespace
}  // namespace sluice
