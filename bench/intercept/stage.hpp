#pragma once

// The environment of the interceptor bench: a network namespace, a CA, an origin, and a redirect for each interceptor.
// The mark of a connection selects the redirect, so that all interceptors see the same client and the same destination.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "bench/common/process_cost.hpp"
#include "bench/common/scratch_directory.hpp"
#include "bench/intercept/origin.hpp"
#include "bench/intercept/warden.hpp"
#include "bench/probe/client.hpp"

namespace bench {

inline const std::string api_host = "api.openai.com";
inline const std::string other_hosts = "bench.example";    // every name below it also leads to the origin
inline const std::string far_host = "far." + other_hosts;  // except this one, which leads to the distant origin
inline constexpr std::chrono::milliseconds far_round_trip{20};

/// Another program to measure. It listens on 127.0.0.1.
struct peer {
  std::string name;
  std::uint16_t port = 0;
  std::string command;  // for sh; {work} is replaced by the directory of the certificates
};

/// Parses NAME=PORT=COMMAND. Throws std::runtime_error.
peer parse_peer(const std::string& text);

struct target {
  std::string name;
  int mark = 0;       // 0: direct
  pid_t process = 0;  // leader of its process group; 0: none
};

struct stage_options {
  std::string zerogravity;     // the program
  std::filesystem::path work;  // kept if given; otherwise created and removed
  std::vector<peer> peers;
  unsigned threads = 0;  // of zerogravity; 0: its default
  /// Prepares the state directory of zerogravity before it starts. Empty: nothing to prepare.
  std::function<void(const std::filesystem::path&)> prepare_state = {};
  bool rules = false;  // adds two: one with rules for another host, one with rules for this host that match nothing
};

class stage {
 public:
  /// Needs root. Throws std::runtime_error. No thread may be running yet.
  explicit stage(const stage_options& options);
  ~stage();
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  const std::vector<target>& targets() const { return targets_; }
  route to(const target& of, std::string host = api_host) const;
  /// For the distant origin. Throws std::runtime_error if there is none.
  route to_far(const target& of) const;
  /// Of zerogravity.
  std::uint16_t api_port() const;
  std::filesystem::path state() const;
  std::string trust_file() const { return (work_ / "trust.pem").string(); }
  const origin_counters& origin() const { return *origin_; }

 private:
  void make_network();
  void make_certificates();
  void start_far_origin();
  template <class Run>
  pid_t start(Run run);
  pid_t start_program(const std::string& command, const std::string& log);
  void start_zerogravity(const stage_options& options, std::string name, std::uint16_t port, std::string_view rules);
  void start_with_rules(const stage_options& options);
  void add_target(std::string name, std::uint16_t port, pid_t process);

  warden warden_;
  std::optional<scratch_directory> scratch_;  // nullopt: the directory was given, and is kept
  std::filesystem::path work_;
  origin_counters* origin_;
  std::string no_far_origin_;  // why there is no distant origin
  std::vector<pid_t> children_;
  std::vector<target> targets_;
};

}  // namespace bench
