#include "mitm/ca/trust_variables.hpp"

#include <string_view>

namespace mitm {
namespace {

// Read by: OpenSSL, Go and Python; Node; Python requests; curl; git; AWS; Deno; gRPC.
constexpr std::string_view bundle_variables[] = {"SSL_CERT_FILE",  "REQUESTS_CA_BUNDLE",
                                                 "CURL_CA_BUNDLE", "GIT_SSL_CAINFO",
                                                 "AWS_CA_BUNDLE",  "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"};
// These add to a built-in list, so they get our CA alone.
constexpr std::string_view added_ca_variables[] = {"NODE_EXTRA_CA_CERTS", "DENO_CERT"};

}  // namespace

std::vector<std::pair<std::string, std::string>> trust_variables(const std::filesystem::path& bundle,
                                                                 const std::filesystem::path& certificate) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto name : bundle_variables) all.emplace_back(name, std::filesystem::absolute(bundle).string());
  for (const auto name : added_ca_variables) all.emplace_back(name, std::filesystem::absolute(certificate).string());
  return all;
}

}  // namespace mitm
