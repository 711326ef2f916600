#pragma once

// A process_spec as the arrays that exec wants, made before the fork; through sudo if that is how to become its user.

#include <string>
#include <vector>

#include "cascade/process/process.hpp"

namespace cascade {

class process_command {
 public:
  explicit process_command(const process_spec& spec);
  process_command(const process_command&) = delete;
  process_command& operator=(const process_command&) = delete;

  const char* program() const noexcept { return program_.c_str(); }
  char* const* arguments() const noexcept { return argument_pointers_.data(); }
  char* const* environment() const noexcept { return environment_pointers_.data(); }

  const std::vector<std::string>& words() const noexcept { return arguments_; }

 private:
  std::string program_;
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  std::vector<char*> argument_pointers_;  // into the two above
  std::vector<char*> environment_pointers_;
};

/// `command` run by `user` through sudo, which asks no password and gives no environment but `environment`.
std::vector<std::string> sudo_command(const std::string& user, const std::vector<std::string>& environment,
                                      const std::vector<std::string>& command);

/// The program of that name in the PATH of `environment`, or of the system; `name` itself if it is a path or not found.
std::string find_program(const std::string& name, const std::vector<std::string>& environment);

}  // namespace cascade
