#include "app/run/trust.hpp"

#include <cerrno>
#include <system_error>

#include <sys/mount.h>

#include "mitm/ca/trust_bundle.hpp"

namespace app::run {
namespace {

// Beside those that a bundle is made of: links to them, or copies that some distributions keep.
constexpr const char* further_bundles[] = {
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
};

setup_result<void> bind_over(const std::filesystem::path& bundle, const std::filesystem::path& place) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(place, ignored)) return {};
  if (::mount(bundle.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) == 0) return {};
  return setup_failure{"bind the CA bundle over " + place.string(), errno};
}

}  // namespace

setup_result<void> bind_bundle(const std::filesystem::path& bundle) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
    return setup_failure{"detach the mount namespace", errno};
  }
  for (const auto place : mitm::system_ca_files) {
    if (auto bound = bind_over(bundle, place); !bound) return bound;
  }
  for (const auto* place : further_bundles) {
    if (auto bound = bind_over(bundle, place); !bound) return bound;
  }
  return {};
}

bool bind_places(const trust_files& files, const trust_places& places) {
  for (const auto& each : places.certifi) static_cast<void>(bind_over(files.bundle, each));
  if (files.java_store.empty()) return false;
  bool bound = false;
  for (const auto& each : places.java) bound = bind_over(files.java_store, each).has_value() || bound;
  return bound;
}

}  // namespace app::run
