#include "server/api_route.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using Type = ApiField::Type;

const std::vector<ApiField> kFields{{.name = "limit", .type = Type::integer, .least = 1, .most = 10, .otherwise = 5},
                                    {.name = "status", .one_of = {"open", "done"}},
                                    {.name = "text", .most = 4},
                                    {.name = "all", .type = Type::boolean}};

TEST(ApiRoute, ReadsQueriesByTheirFields) {
  const auto read = read_query("/x?limit=7&status=open&text=a%2Bb&all=true", kFields);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->dump(), R"({"limit":7,"status":"open","text":"a+b","all":true})");
  EXPECT_EQ(read_query("/x", kFields)->dump(), R"({"limit":5})");
  EXPECT_EQ(read_query("/x?text=a+b", kFields)->text("text"), "a b");
}

TEST(ApiRoute, RefusesWhatAQueryCannotBe) {
  for (const char* query : {"/x?limit=0", "/x?limit=11", "/x?limit=x", "/x?limit=", "/x?limit=99999999999999999999", "/x?status=opne",
                            "/x?text=abcde", "/x?all=yes", "/x?limit=1&limit=2", "/x?nothing=1", "/x?text=%zz", "/x?text=%f", "/x?text=%ff"}) {
    const auto read = read_query(query, kFields);
    ASSERT_FALSE(read) << query;
    EXPECT_EQ(read.error().code, "E1210") << query;
    EXPECT_FALSE(read.error().message.empty());
  }
  EXPECT_NE(read_query("/x?stauts=open", kFields).error().message.find("did you mean \"status\""), std::string::npos);
}

WebRequest posted(std::string body, std::string type = "application/json") {
  return {.method = "POST", .headers = {{"content-type", std::move(type)}}, .body = std::move(body)};
}

TEST(ApiRoute, ReadsBodiesStrictly) {
  const std::vector<ApiField> fields{
      {.name = "sql", .required = true, .least = 1}, {.name = "n", .type = Type::integer, .most = 9}, {.name = "any", .type = Type::any}};
  EXPECT_EQ(read_body(posted(R"({"sql": "SELECT 1", "n": null, "any": {"a": [1]}})", "application/json; charset=utf-8"), fields)->dump(),
            R"({"sql":"SELECT 1","any":{"a":[1]}})");
  for (const char* body : {"", "{", "[]", "1", R"({"n": 1})", R"({"sql": 1})", R"({"sql": ""})", R"({"sql": "a", "n": 1.5})",
                           R"({"sql": "a", "n": 10})", R"({"sql": "a", "sql": "b"})", R"({"sql": "a", "sq": 1})", R"({"sql": null})"})
    EXPECT_EQ(read_body(posted(body), fields).error().code, "E1210") << body;
  for (const char* type : {"text/plain", "", "application/x-www-form-urlencoded", "application/jsonp"})
    EXPECT_EQ(read_body(posted(R"({"sql": "a"})", type), fields).error().code, "E1211") << type;
  EXPECT_EQ(read_body(posted(R"({"sql": "a", "any": )" + std::string(40, '[') + std::string(40, ']') + "}"), fields).error().code, "E1210");
}

TEST(ApiRoute, FindsRoutesByMethodAndPath) {
  ApiRoute list{.method = "GET", .path = "/runs"}, show{.method = "GET", .path = "/runs/{run_id}"},
      cancel{.method = "POST", .path = "/runs/{run_id}/cancel"};
  const ApiRoutes routes({list, show, cancel});
  EXPECT_EQ(routes.find("GET", "/runs")->route->path, "/runs");
  EXPECT_EQ(routes.find("HEAD", "/runs")->route->path, "/runs");
  EXPECT_EQ(routes.find("GET", "/runs/r%2D1")->path.at("run_id"), "r-1");
  EXPECT_EQ(routes.find("GET", "/runs/a%2Fcancel")->path.at("run_id"), "a/cancel") << "an encoded slash divides nothing";
  EXPECT_EQ(routes.find("GET", "/runs/r-1/cancel")->route, nullptr);
  EXPECT_EQ(routes.find("GET", "/runs/r-1/cancel")->methods, std::vector<std::string>{"POST"});
  EXPECT_TRUE(routes.find("GET", "/runs/")->methods.empty());
  EXPECT_TRUE(routes.find("GET", "/nothing")->methods.empty());
  EXPECT_EQ(routes.find("GET", "/runs/%zz").error().code, "E1210");
}

TEST(ApiRoute, ProblemsHaveTheStatusOfTheirKind) {
  const WebResponse response = problem({ErrorKind::conflict, "E0107", "decided", "look", 1'500}, "r-1");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.type, "application/problem+json");
  EXPECT_NE(response.body.find(R"("type":"/errors/E0107")"), std::string::npos);
  EXPECT_EQ(problem({ErrorKind::forbidden, "E1303", "no", "", 0}, "").status, 401);
  EXPECT_EQ(problem({ErrorKind::forbidden, "E1301", "no", "", 0}, "").status, 403);
  EXPECT_EQ(problem(Error::bug("x"), "").status, 500);
}

}  // namespace
}  // namespace sluice
