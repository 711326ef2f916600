#include "app/doctor/doctor_trust.hpp"

#include <cstdlib>
#include <string>
#include <utility>

#include "mitm/ca/atomic_file.hpp"
#include "mitm/ca/java_store.hpp"
#include "net/file/access_words.hpp"

namespace app {
namespace {

namespace fs = std::filesystem;
using enum finding::state_of;

constexpr std::pair<const char*, const char*> runtimes[] = {{"OpenSSL, Go and Python", "SSL_CERT_FILE"},
                                                            {"Node", "NODE_EXTRA_CA_CERTS"},
                                                            {"Python requests", "REQUESTS_CA_BUNDLE"},
                                                            {"curl", "CURL_CA_BUNDLE"},
                                                            {"git", "GIT_SSL_CAINFO"},
                                                            {"gRPC", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"},
                                                            {"Deno", "DENO_CERT"}};
constexpr const char* set_variables = "eval \"$(zerogravity ca env)\"";

bool holds(const fs::path& file, const std::string& pem) {
  const auto read = mitm::read_small_file(file, mitm::links::follow);
  return read && read->content.find(pem) != std::string::npos;
}

finding look_at_variable(const char* runtime, const char* variable, const std::string& pem) {
  const char* file = std::getenv(variable);
  const std::string topic = std::string("trust of ") + runtime;
  if (file == nullptr) return {topic, absent, std::string(variable) + " is not set here", set_variables};
  if (holds(file, pem)) return {topic, works, std::string(variable) + "=" + file, ""};
  return {topic, absent, std::string(variable) + "=" + file + " does not hold the CA", set_variables};
}

finding look_at_java(const fs::path& store, const mitm::ca_certificate& ca, const fs::path& file) {
  const std::string topic = "trust of Java";
  if (mitm::java_store_trusts(store, ca.get())) return {topic, works, store.string() + " holds the CA", ""};
  return {topic, absent, store.string() + " does not hold the CA",
          "sudo keytool -importcert -noprompt -alias zerogravity -storepass " + std::string(mitm::java_store_password) +
              " -file " + net::shell_word(file) + " -keystore " + net::shell_word(store)};
}

finding look_at_certifi(const std::vector<fs::path>& bundles, const std::string& pem, const fs::path& file) {
  const std::string topic = "trust of Python's certifi";
  for (const auto& each : bundles) {
    if (holds(each, pem)) continue;
    return {topic, absent, each.string() + " does not hold the CA, for programs that pass over SSL_CERT_FILE",
            "cat " + net::shell_word(file) + " >>" + net::shell_word(each)};
  }
  return {topic, works, std::to_string(bundles.size()) + " bundles hold the CA", ""};
}

}  // namespace

std::vector<finding> look_at_runtimes(const mitm::ca_certificate& ca, const fs::path& file,
                                      const run::trust_places& places) {
  std::vector<finding> all;
  for (const auto& [runtime, variable] : runtimes) all.push_back(look_at_variable(runtime, variable, ca.pem()));
  for (const auto& each : places.java) all.push_back(look_at_java(each, ca, file));
  if (!places.certifi.empty()) all.push_back(look_at_certifi(places.certifi, ca.pem(), file));
  return all;
}

}  // namespace app
