#include "cascade/supervisor/supervisor_environment.hpp"

#include <cstdlib>
#include <map>
#include <string_view>

namespace cascade {

namespace {

constexpr std::string_view system_path = "/usr/local/bin:/usr/bin:/bin";

std::string own(const char* name, std::string_view otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : std::string(otherwise);
}

}  // namespace

std::filesystem::path server_home(const launch_server& wanted) {
  if (!wanted.home.empty()) return wanted.home;
  return wanted.user ? wanted.user->home : own("HOME", "/");
}

std::vector<std::string> server_environment(const launch_server& wanted) {
  std::map<std::string, std::string, std::less<>> values;
  values["HOME"] = server_home(wanted).string();
  // Our PATH may name folders that another user cannot enter.
  values["PATH"] = wanted.user ? std::string(system_path) : own("PATH", system_path);
  if (wanted.user) values["USER"] = values["LOGNAME"] = wanted.user->name;
  if (!wanted.bundle.empty()) values["SSL_CERT_FILE"] = wanted.bundle.string();
  for (std::string_view each : wanted.environment) {
    const auto sign = each.find('=');
    if (sign != std::string_view::npos) values[std::string(each.substr(0, sign))] = each.substr(sign + 1);
  }
  std::vector<std::string> environment;
  for (const auto& [name, value] : values) environment.push_back(name + "=" + value);
  return environment;
}

}  // namespace cascade
