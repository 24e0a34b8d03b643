#include "net/transport_error.h"

#include "base/text.h"
#include "net/libcurl.h"

namespace sluice {
namespace {

constexpr int kDetailsMax = 200;

std::string in_brackets(const std::string& details) {
  return details.empty() ? "" : " (" + clipped(show_hidden(replace_invalid_utf8(details), false), kDetailsMax) + ")";
}

Error unreachable(std::string message, std::string hint) { return {ErrorKind::transient, "E1105", std::move(message), std::move(hint), 0}; }

Error untrusted(const std::string& origin, const std::string& why) {
  return {ErrorKind::refused, "E1105", "the certificate of " + origin + " is not trusted" + why,
          "check the URL; if your network has an authority of its own, name its certificate as ca_file", 0};
}

}  // namespace

Error transport_error(int code, const std::string& origin, const std::string& details) {
  const std::string why = in_brackets(details);
  switch (static_cast<CURLcode>(code)) {
    case CURLE_COULDNT_RESOLVE_HOST: return unreachable("the name of " + origin + " has no address", "check the URL, and the network");
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:  // libcurl's own words quote the proxy as it was written, password included
      return unreachable("the proxy on the way to " + origin + " cannot be reached, or its address is none",
                         "check the proxy's address; within a password, signs such as # / ? @ have to be percent-encoded");
    case CURLE_COULDNT_CONNECT: {
      const bool of_proxy = details.find("roxy") != std::string::npos;
      return unreachable(origin + " cannot be reached" + (of_proxy ? ", for its proxy" : why), "check the URL, and whether the service is up");
    }
    case CURLE_SSL_CONNECT_ERROR:
      // So OpenSSL says that an authority of the right name has another key than the one that signed (a private authority that was renewed).
      if (details.find("asn1 encoding routines") != std::string::npos) return untrusted(origin, why);
      return unreachable("no TLS with " + origin + why, "check that the port speaks TLS: http:// and https:// are different ports");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR: return untrusted(origin, why);
    case CURLE_SSL_CACERT_BADFILE:
      return {ErrorKind::input, "E1105", "the authorities to judge " + origin + " by cannot be read",
              "check ca_file: a readable file of PEM certificates (unset: those of the system, package ca-certificates)", 0};
    case CURLE_OPERATION_TIMEDOUT: return unreachable("no connection with " + origin + " in time", "check the URL, the network and the proxy");
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2_STREAM:
      return unreachable(origin + " broke off the answer", "try again; if it stays, see whether something between cuts long answers");
    case CURLE_OK:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_HTTP2:
      return {ErrorKind::transient, "E1108", "what " + origin + " answered is no HTTP", "see whether the URL leads to the service that is meant", 0};
    case CURLE_OUT_OF_MEMORY: return unreachable("there is no memory left for a call to " + origin, "try again");
    default:
      return unreachable(origin + " cannot be reached: " + libcurl().curl_easy_strerror(static_cast<CURLcode>(code)),
                         "check the URL, and the network");
  }
}

Error proxy_refused(long status, const std::string& origin) {
  constexpr long kFailing = 500;
  return {status >= kFailing ? ErrorKind::transient : ErrorKind::refused, "E1105",
          "the proxy on the way to " + origin + " answered " + std::to_string(status), "check the proxy's address, and whether it wants a password",
          0};
}

}  // namespace sluice
