#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/access.h"
#include "base/json.h"
#include "server/http.h"
#include "server/http_server.h"

namespace sluice {

/// A parameter, or a member of a body. From the same words it is checked and described.
struct ApiField {
  enum class Type : std::uint8_t { text, integer, boolean, any };
  std::string name{}, about{};
  Type type = Type::text;
  bool required = false;
  std::vector<std::string> one_of{};      ///< text: nothing else is taken
  std::int64_t least = 0, most = 65'536;  ///< integer: its range; text: its length in bytes
  Json otherwise{};                       ///< what is taken where it is not given; null: nothing
};

/// A request that has passed the checks of its route.
struct ApiCall {
  const WebRequest& http;
  const Principal& who;
  std::string csrf{};                         ///< of the browser session that asks; "" where there is none
  std::function<bool()> is_welcome{};         ///< whether who asks would still be let in; for what goes on for long
  std::map<std::string, std::string> path{};  ///< "run_id" → its value, decoded
  Json query = Json::object();                ///< with the types of their fields, and what is taken where they are not given
  Json body = Json::object();

  std::string at(const std::string& name) const;  ///< of `path`
  /// The text of a query's parameter, or "".
  std::string text(std::string_view name) const { return std::string(query.text(name)); }
  int number(std::string_view name) const { return static_cast<int>(query.integer(name)); }
};

using ApiAnswer = Result<WebResponse>;

/// An operation: how it is reached, what it takes and gives. The routes, the checks and the description (openapi.h) are all made of this.
struct ApiRoute {
  std::string method{}, path{};  ///< "GET", "/api/v1/runs/{run_id}"
  std::string id{}, tag{}, about{};
  std::vector<ApiField> query{}, body{};
  std::string answers{};             ///< the schema of what it gives (openapi_schemas.h); "" where that is no JSON
  int status = 200;                  ///< where it succeeds
  bool takes_more = false;           ///< parameters that are not described are passed over: somebody else makes the address
  bool starts = false;               ///< takes an Idempotency-Key
  bool open_to_all = false;          ///< nobody has to be logged in
  Lane lane = Lane::usual;           ///< what it waits for
  std::vector<std::string> types{};  ///< of what it gives, where that is not JSON alone
  std::function<ApiAnswer(const ApiCall&)> handle{};
};

/// 200 with the document.
WebResponse json_response(const Json& document, int status = 200);
/// RFC 9457. `page` is where the error's page is, with a trailing slash.
WebResponse problem(const Error& error, const std::string& request_id, const std::string& page = "/errors/");
int status_of(const Error& error);

/// Percent-decoding of a path's segment or of a query ("+" is a space there). E1210.
Result<std::string> percent_decoded(std::string_view text, bool plus_is_space);

/// Which route a path belongs to.
class ApiRoutes {
 public:
  explicit ApiRoutes(std::vector<ApiRoute> routes);
  const std::vector<ApiRoute>& all() const { return routes_; }

  struct Match {
    const ApiRoute* route = nullptr;  ///< null where the path is known, but not with that method
    std::map<std::string, std::string> path{};
    std::vector<std::string> methods{};  ///< that the path knows; empty: no such path
  };
  /// HEAD goes where GET goes. E1210 for what cannot be decoded.
  Result<Match> find(std::string_view method, std::string_view path) const;

 private:
  std::vector<ApiRoute> routes_;
  std::vector<std::vector<std::string>> segments_;
};

/// The query as the fields want it: unknown names (but where it takes more), values of another type, out of range or said twice are refused. E1210.
Result<Json> read_query(std::string_view target, const std::vector<ApiField>& fields, bool takes_more = false);
/// The same of a body, which has to be a JSON object said to be one. E1210, E1211 (not said to be JSON).
Result<Json> read_body(const WebRequest& request, const std::vector<ApiField>& fields);

}  // namespace sluice
