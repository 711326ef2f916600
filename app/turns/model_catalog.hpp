#pragma once

// The models of the language server, as requests name them. Fetched when needed, kept for a minute, and fetched again
// from every new server process. Used from any strand.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "app/openai/model_list.hpp"
#include "app/turns/turn_refusal.hpp"
#include "cascade/stream/dispatcher.hpp"

namespace app {

namespace asio = boost::asio;

/// "Gemini 3 Pro (High)" → "gemini-3-pro-high".
std::string model_id(std::string_view label);

struct chosen_model {
  exa::codeium_common_pb::ModelOrAlias number;
  bool supports_images = false;
};

/// The models of one server. Immutable.
class model_catalog {
 public:
  model_catalog(const exa::codeium_common_pb::CascadeModelConfigData& configs,
                const std::map<std::string, std::string>& aliases, std::int64_t created);

  /// By id, label or alias; an empty name means the recommended model, or else the first.
  boost::system::result<chosen_model, api_error> choose(std::string_view name) const;
  const openai::model_list& list() const { return list_; }

 private:
  std::map<std::string, chosen_model> by_id_;
  std::string recommended_;
  openai::model_list list_;
};

class model_source {
 public:
  static constexpr std::chrono::seconds kept{60};

  /// `servers` outlives it. `aliases`: name → id or label.
  model_source(cascade::dispatcher& servers, std::map<std::string, std::string> aliases)
      : servers_(servers), aliases_(std::move(aliases)), created_(std::chrono::system_clock::now()) {}

  asio::awaitable<boost::system::result<std::shared_ptr<const model_catalog>, turn_refusal>> current();

 private:
  cascade::dispatcher& servers_;
  std::map<std::string, std::string> aliases_;
  std::chrono::system_clock::time_point created_;  // the time that models show, since servers give none
  std::mutex mutex_;                               // guards the rest; held for a copy
  std::shared_ptr<const model_catalog> catalog_;
  std::uint64_t generation_ = 0;
  std::chrono::steady_clock::time_point asked_{};
};

}  // namespace app
