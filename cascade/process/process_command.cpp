#include "cascade/process/process_command.hpp"

#include <string_view>

#include <unistd.h>

namespace cascade {

namespace {

constexpr std::string_view system_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string_view path_of(const std::vector<std::string>& environment) {
  for (std::string_view each : environment) {
    if (each.starts_with("PATH=")) return each.substr(5);
  }
  return system_path;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (auto& each : strings) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  return pointers;
}

bool through_sudo(const process_spec& spec) {
  return spec.user && how_to_become(*spec.user) == change_of_user::sudo;
}

}  // namespace

process_command::process_command(const process_spec& spec)
    : arguments_(through_sudo(spec) ? sudo_command(spec.user->name, spec.environment, spec.command) : spec.command) {
  if (!through_sudo(spec)) environment_ = spec.environment;
  program_ = find_program(arguments_.front(), environment_);
  argument_pointers_ = pointers_to(arguments_);
  environment_pointers_ = pointers_to(environment_);
}

std::vector<std::string> sudo_command(const std::string& user, const std::vector<std::string>& environment,
                                      const std::vector<std::string>& command) {
  std::vector<std::string> words{"sudo", "-n", "-u", user, "--", "/usr/bin/env", "-i"};
  words.insert(words.end(), environment.begin(), environment.end());
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

std::string find_program(const std::string& name, const std::vector<std::string>& environment) {
  if (name.find('/') != std::string::npos) return name;
  std::string_view path = path_of(environment);
  while (!path.empty()) {
    const auto folder = path.substr(0, path.find(':'));
    path.remove_prefix(std::min(folder.size() + 1, path.size()));
    auto candidate = std::string(folder) + '/' + name;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return name;
}

}  // namespace cascade
